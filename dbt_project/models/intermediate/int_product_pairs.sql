with

counted as (

    select
        sku,
        other_sku,
        count(*) as orders_together,
        sum(case when is_first then 1 else 0 end) as first_orders

    from {{ ref('int_basket_pairs') }}

    where order_date > {{ days_before_night(var('affinity_window_days')) }}

    group by
        sku,
        other_sku

),

totals as (

    select sum(first_orders) as all_orders from counted

),

products as (

    select
        sku,
        orders_together as product_orders

    from counted

    where sku = other_sku

),

final as (

    select
        counted.sku,
        counted.other_sku,
        products.product_orders,
        companions.product_orders as other_product_orders,
        counted.orders_together,
        cast(totals.all_orders as bigint) as all_orders

    from counted

    inner join products on counted.sku = products.sku

    inner join products as companions on counted.other_sku = companions.sku

    cross join totals

    where
        counted.sku <> counted.other_sku
        and counted.orders_together >= {{ var('affinity_least_orders') }}

)

select * from final
