{#- A view: it is looked at only in the night that a month is over. -#}
{{ config(materialized='view') }}

with

orders as (

    select
        customer_id,
        max(case when order_date <= {{ measured_on() }} then order_date end) as last_date,
        min(order_date) as first_date,
        min(case when order_date > {{ measured_on() }} then order_date end) as next_date,
        count(case when {{ is_in_year('order_date') }} then 1 end) as orders,
        sum(case when {{ is_in_year('order_date') }} then net_amount else 0 end) as revenue,
        sum(case when {{ is_in_year('order_date') }} then gross_amount else 0 end) as list_amount,
        sum(case when {{ is_in_year('order_date') }} then line_discount_amount + order_discount_amount else 0 end)
            as discounts,
        count(case when {{ is_in_year('order_date') }} and channel = 'online' then 1 end) as online_orders

    from {{ ref('fct_orders') }}

    where
        is_revenue
        and customer_id is not null
        and order_date <= {{ last_month_end() }}

    group by customer_id

),

returns as (

    select
        customer_id,
        sum(amount) as amount

    from {{ ref('fct_returns') }}

    where
        is_revenue
        and {{ is_in_year('return_date') }}

    group by customer_id

),

cases as (

    select
        customer_id,
        count(*) as cases,
        count(case when kind = 'complaint' then 1 end) as complaints

    from {{ ref('fct_service_cases') }}

    where {{ is_in_year('opened_date') }}

    group by customer_id

),

answers as (

    select
        customer_id,
        avg(score) as csat

    from {{ ref('fct_surveys') }}

    where
        kind = 'csat'
        and answered_date > {{ measured_on() }}
        and answered_date <= {{ last_month_end() }}

    group by customer_id

),

final as (

    select
        orders.customer_id,
        {{ days_between('orders.last_date', measured_on()) }} as recency_days,
        {{ days_between('orders.first_date', measured_on()) }} as tenure_days,
        orders.orders,
        orders.revenue - coalesce(returns.amount, 0) as net_revenue,
        orders.revenue / nullif(orders.orders, 0) as average_order_value,
        coalesce(returns.amount, 0) / nullif(orders.revenue, 0) as return_rate,
        orders.discounts / nullif(orders.list_amount, 0) as discount_share,
        cast(orders.online_orders as numeric) / nullif(orders.orders, 0) as online_share,
        coalesce(cases.cases, 0) as cases,
        coalesce(cases.complaints, 0) as complaints,
        case
            when
                {{ days_between(measured_on(), 'orders.next_date') }}
                <= {{ var('active_customer_days') }} then 1
            else 0
        end as repurchased,
        case when orders.next_date is null then 1 else 0 end as churned,
        answers.csat

    from orders

    left join returns on orders.customer_id = returns.customer_id

    left join cases on orders.customer_id = cases.customer_id

    left join answers on orders.customer_id = answers.customer_id

    where orders.last_date > {{ month_end_before(2 * var('lost_customer_months')) }}

)

select * from final
