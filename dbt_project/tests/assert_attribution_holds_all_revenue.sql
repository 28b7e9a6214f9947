-- By either rule, what is attributed and what is not come to all orders and revenue, and an order's parts to the order.
with

orders as (

    select
        count(*) as orders,
        coalesce(sum(net_amount), 0) as revenue

    from {{ ref('fct_orders') }}

    where is_revenue

),

attributed as (

    select
        coalesce(sum(last_touch_orders), 0) as orders,
        coalesce(sum(last_touch_revenue), 0) as last_touch_revenue,
        coalesce(sum(linear_revenue), 0) as linear_revenue

    from {{ ref('campaign_attribution') }}

    where batch_id = {{ var('batch_id', 0) }}

),

parts as (

    select
        order_id,
        sum(last_touch_revenue) as last_touch_revenue,
        sum(linear_revenue) as linear_revenue

    from {{ ref('int_order_attributions') }}

    group by order_id

),

final as (

    select 'all orders' as what

    from orders

    cross join attributed

    where
        attributed.orders <> orders.orders
        or attributed.last_touch_revenue <> orders.revenue
        or attributed.linear_revenue <> orders.revenue

    union all

    select parts.order_id as what

    from parts

    inner join {{ ref('fct_orders') }} as fct_orders on parts.order_id = fct_orders.order_id

    where
        parts.last_touch_revenue <> fct_orders.net_amount
        or parts.linear_revenue <> fct_orders.net_amount

)

select * from final
