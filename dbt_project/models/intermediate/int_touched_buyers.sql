-- Of an order or return that was another customer's before, both are there.
with

nights as (
    {{ nights_since_builds() }}
),

touched_orders as (
    {{ touched('warehouse.fct_orders', 'customer_id') }}
),

touched_returns as (
    {{ touched('warehouse.int_returns_with_orders', 'customer_id') }}
),

touched_customers as (

    select * from {{ ref('int_touched_customers') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

returns as (

    select * from {{ ref('int_returns_with_orders') }}

),

golden_records as (

    select * from {{ ref('int_golden_records') }}

),

-- What is dated ahead of the night counts on the night, so another night makes it other rows.
dated_ahead as (

    select orders.customer_id
    from orders
    inner join nights on orders.order_date > nights.first_night
    union all
    select returns.customer_id
    from returns
    inner join nights on returns.return_date > nights.first_night
    union all
    select golden_records.customer_id
    from golden_records
    inner join nights on golden_records.first_created_date > nights.first_night

),

left_window as (

    select orders.customer_id
    from orders
    inner join nights
        on
            orders.order_date > {{ days_after('nights.first_night', -(var('rfm_window_days') | int)) }}
            and orders.order_date <= {{ days_after('nights.last_night', -(var('rfm_window_days') | int)) }}

),

final as (

    select key as customer_id
    from touched_orders
    union distinct
    select key as customer_id
    from touched_returns
    union distinct
    select customer_id
    from touched_customers
    union distinct
    select customer_id
    from dated_ahead
    where customer_id is not null
    union distinct
    select customer_id
    from left_window
    where customer_id is not null

)

select * from final
