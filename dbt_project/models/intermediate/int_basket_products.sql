with

order_lines as (

    select * from {{ ref('fct_order_lines') }}

    where
        is_revenue
        and sku is not null
        and quantity > 0
        and order_date > {{ days_before_night(var('affinity_window_days')) }}

),

baskets as (

    select
        order_id,
        sku

    from order_lines

    group by
        order_id,
        sku

),

counted as (

    select
        order_id,
        sku,
        count(*) over (partition by order_id) as basket_products

    from baskets

),

final as (

    select
        order_id,
        sku,
        count(*) over (partition by sku) as product_orders

    from counted

    where basket_products <= {{ var('affinity_most_products') }}

)

select * from final
