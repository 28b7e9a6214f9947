{%- set first_day = days_before_night(var('rfm_window_days') | int - 1) -%}

with

customers as (

    select * from {{ ref('dim_customers') }}

),

customer_orders as (

    select * from {{ ref('int_customer_orders') }}

),

orders as (

    select
        customer_id,
        count(*) as order_count,
        sum(net_amount) as amount

    from {{ ref('fct_orders') }}

    where
        is_revenue
        and customer_id is not null
        and order_date >= {{ first_day }}

    group by customer_id

),

returns as (

    select
        customer_id,
        sum(amount) as amount

    from {{ ref('fct_returns') }}

    where
        is_revenue
        and customer_id is not null
        and return_date >= {{ first_day }}

    group by customer_id

),

final as (

    select
        customers.customer_id,
        {{ days_since('customer_orders.last_purchase_date') }} as recency_days,
        coalesce(orders.order_count, 0) as frequency,
        coalesce(orders.amount, 0) - coalesce(returns.amount, 0) as monetary

    from customers

    left join customer_orders on customers.customer_id = customer_orders.customer_id

    left join orders on customers.customer_id = orders.customer_id

    left join returns on customers.customer_id = returns.customer_id

)

select * from final
