with

rule as (

    select * from {{ ref('alert_rules') }}

    where rule = 'vip_complaint'

),

orders as (

    select * from {{ ref('int_customer_orders') }}

),

returns as (

    select * from {{ ref('int_customer_returns') }}

),

buyers as (

    select
        orders.customer_id,
        orders.gross_revenue - coalesce(returns.returns_amount, 0) as net_revenue

    from orders

    left join returns on orders.customer_id = returns.customer_id

    where orders.gross_revenue - coalesce(returns.returns_amount, 0) > 0

),

ranked as (

    select
        customer_id,
        net_revenue,
        percent_rank() over (order by net_revenue) as revenue_rank

    from buyers

),

final as (

    select
        rule.rule,
        case_days.case_id as object_id,
        case_days.customer_id,
        case_days.on_date as changes_on,
        case_days.is_open as is_alert,
        ranked.net_revenue as value,
        cast(null as numeric) as base_value,
        cast(1 as bigint) as sample_count,
        'complaint of a customer in the best ' || {{ percent_text('1 - rule.threshold') }} || ' by net revenue'
            as evidence

    from {{ ref('int_case_days') }} as case_days

    inner join ranked on case_days.customer_id = ranked.customer_id

    cross join rule

    where
        case_days.kind = 'complaint'
        and ranked.revenue_rank >= rule.threshold

)

select * from final
