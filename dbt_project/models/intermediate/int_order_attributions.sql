with

touches as (

    select * from {{ ref('int_campaign_orders') }}

    where touched_at is not null

),

contacts as (

    select
        campaign_contact_id,
        channel

    from {{ ref('fct_campaign_contacts') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

    where is_revenue

),

ranked as (

    select
        touches.campaign_contact_id,
        touches.campaign_id,
        touches.touched_at,
        orders.order_id,
        orders.customer_id,
        orders.order_date,
        orders.net_amount,
        row_number() over (
            partition by orders.order_id order by touches.touched_at desc, touches.campaign_contact_id asc
        ) as place,
        count(*) over (partition by orders.order_id) as touches

    from touches

    inner join orders on touches.order_id = orders.order_id

),

-- What dividing leaves over goes to the last touch, so that an order's parts are the order to the last digit.
final as (

    select
        ranked.order_id,
        ranked.campaign_contact_id,
        ranked.campaign_id,
        contacts.channel,
        ranked.customer_id,
        ranked.order_date,
        ranked.touched_at,
        ranked.touches,
        ranked.place = 1 as is_last_touch,
        case when ranked.place = 1 then ranked.net_amount else 0 end as last_touch_revenue,
        case
            when ranked.place = 1
                then ranked.net_amount - (ranked.touches - 1) * round(ranked.net_amount / ranked.touches, 2)
            else round(ranked.net_amount / ranked.touches, 2)
        end as linear_revenue

    from ranked

    inner join contacts on ranked.campaign_contact_id = contacts.campaign_contact_id

)

select * from final
