with

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
        customer_id,
        net_revenue,
        cast(revenue_rank as numeric) as revenue_rank

    from ranked

    where
        revenue_rank >= (
            select min(rules.threshold)
            from {{ ref('alert_rules') }} as rules
            where rules.rule in ('vip_complaint', 'vip_overdue_order')
        )

)

select * from final
