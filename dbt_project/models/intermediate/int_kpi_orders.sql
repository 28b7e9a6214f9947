with

orders as (

    select * from {{ ref('fct_orders') }}

    where is_revenue

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
        {{ kpi_member_columns('orders', 'orders.order_date') }}

    from orders

    {{ kpi_member_joins('orders', 'orders.order_date') }}

)

select * from final
