with

basket_products as (

    select
        sku,
        product_orders,
        dense_rank() over (order by order_id) as order_number,
        dense_rank() over (order by sku) as product_number

    from {{ ref('int_basket_products') }}

    where product_orders >= {{ var('affinity_least_orders') }}

),

products as (

    select distinct
        product_number,
        sku,
        product_orders

    from basket_products

),

pairs as (

    select
        ones.product_number,
        twos.product_number as other_number,
        count(*) as orders_together

    from basket_products as ones

    inner join basket_products as twos
        on
            ones.order_number = twos.order_number
            and ones.product_number < twos.product_number

    group by
        ones.product_number,
        twos.product_number

    having count(*) >= {{ var('affinity_least_orders') }}

),

final as (

    select
        products.sku,
        companions.sku as other_sku,
        products.product_orders,
        companions.product_orders as other_product_orders,
        pairs.orders_together

    from pairs

    inner join products on pairs.product_number = products.product_number

    inner join products as companions on pairs.other_number = companions.product_number

)

select * from final
