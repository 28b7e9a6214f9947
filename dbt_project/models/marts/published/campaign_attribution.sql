with

attributions as (

    select * from {{ ref('int_order_attributions') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

    where is_revenue

),

spend as (

    select * from {{ ref('fct_marketing_spend') }}

    where campaign_id is not null

),

campaigns as (

    select * from {{ ref('dim_campaigns') }}

),

attributed_orders as (

    select distinct order_id from attributions

),

parts as (

    select
        order_date as part_date,
        campaign_id,
        channel,
        order_id as touched_order_id,
        case when is_last_touch then 1 else 0 end as last_touch_orders,
        last_touch_revenue,
        linear_revenue,
        0 as spend
    from attributions
    union all
    select
        orders.order_date as part_date,
        'unattributed' as campaign_id,
        'unattributed' as channel,
        null as touched_order_id,
        1 as last_touch_orders,
        orders.net_amount as last_touch_revenue,
        orders.net_amount as linear_revenue,
        0 as spend
    from orders
    left join attributed_orders on orders.order_id = attributed_orders.order_id
    where attributed_orders.order_id is null
    union all
    select
        spend_date as part_date,
        campaign_id,
        channel,
        null as touched_order_id,
        0 as last_touch_orders,
        0 as last_touch_revenue,
        0 as linear_revenue,
        amount as spend
    from spend

),

summed as (

    select
        campaign_id,
        channel,
        {{ first_day_of('month', 'part_date') }} as month_start,
        count(distinct touched_order_id) as touched_orders,
        sum(last_touch_orders) as last_touch_orders,
        sum(last_touch_revenue) as last_touch_revenue,
        sum(linear_revenue) as linear_revenue,
        sum(spend) as spend

    from parts

    group by campaign_id, channel, {{ first_day_of('month', 'part_date') }}

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        summed.month_start,
        summed.campaign_id,
        summed.channel,
        coalesce(campaigns.campaign_name, summed.campaign_id) as campaign_name,
        summed.touched_orders,
        summed.last_touch_orders,
        summed.last_touch_revenue,
        summed.linear_revenue,
        summed.spend,
        {{ as_of() }} as data_as_of

    from summed

    left join campaigns on summed.campaign_id = campaigns.campaign_id

)

select * from final
