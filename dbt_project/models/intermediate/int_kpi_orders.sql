with

orders as (

    select * from {{ ref('fct_orders') }}

    where is_revenue

),

customers as (

    select * from {{ ref('dim_customers') }}

),

final as (

    select
        orders.order_id,
        orders.customer_id,
        orders.order_date,
        orders.units,
        orders.net_amount,
        orders.channel,
        'all' as everything,
        coalesce(orders.store_id, 'none') as store,
        coalesce(customers.region, 'unknown') as region

    from orders

    left join customers on orders.customer_id = customers.customer_id

)

select * from final
