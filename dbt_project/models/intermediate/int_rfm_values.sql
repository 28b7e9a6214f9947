with

customers as (

    select * from {{ ref('dim_customers') }}

),

orders as (

    select * from {{ ref('int_customer_orders') }}

),

windows as (

    select * from {{ ref('int_customer_windows') }}

),

final as (

    select
        customers.customer_id,
        {{ days_since('orders.last_purchase_date') }} as recency_days,
        coalesce(windows.rfm_order_count, 0) as frequency,
        coalesce(windows.rfm_net_revenue, 0) as monetary

    from customers

    left join orders on customers.customer_id = orders.customer_id

    left join windows on customers.customer_id = windows.customer_id

)

select * from final
