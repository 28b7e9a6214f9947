with

first_orders as (

    select * from {{ ref('int_first_orders') }}

),

campaign_orders as (

    select * from {{ ref('int_campaign_orders') }}

    where touched_at is not null

),

contacts as (

    select
        campaign_contact_id,
        channel

    from {{ ref('fct_campaign_contacts') }}

),

sessions as (

    select * from {{ ref('fct_web_sessions') }}

    where
        customer_id is not null
        and (utm_source is not null or utm_medium is not null)

),

utm_channels as (

    select * from {{ ref('utm_channels') }}

),

touches as (

    select
        first_orders.customer_id,
        campaign_orders.touched_at,
        contacts.channel,
        campaign_orders.campaign_contact_id as touch_id
    from first_orders
    inner join campaign_orders on first_orders.order_id = campaign_orders.order_id
    inner join contacts on campaign_orders.campaign_contact_id = contacts.campaign_contact_id
    union all
    select
        first_orders.customer_id,
        sessions.started_at as touched_at,
        coalesce(utm_channels.channel, 'other') as channel,
        sessions.session_id as touch_id
    from first_orders
    inner join sessions
        on
            first_orders.customer_id = sessions.customer_id
            and first_orders.ordered_at >= sessions.started_at
            and first_orders.ordered_at < {{ hours_after('sessions.started_at', var('attribution_window_days') * 24) }}
    left join utm_channels on lower(sessions.utm_medium) = utm_channels.utm_medium

),

numbered as (

    select
        *,
        row_number() over (partition by customer_id order by touched_at asc, channel asc, touch_id asc) as place

    from touches

),

final as (

    select
        first_orders.customer_id,
        first_orders.order_date,
        first_orders.net_amount,
        numbered.touched_at,
        coalesce(numbered.channel, 'none') as channel

    from first_orders

    left join numbered
        on
            first_orders.customer_id = numbered.customer_id
            and numbered.place = 1

)

select * from final
