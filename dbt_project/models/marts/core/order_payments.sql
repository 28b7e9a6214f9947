with

orders as (

    select * from {{ ref('fct_orders') }}

),

returns as (

    select * from {{ ref('fct_returns') }}

),

payments as (

    select * from {{ ref('fct_payments') }}

),

paying_sources as (

    select source

    from payments

    group by source

),

paid as (

    select
        order_id,
        sum(case when net_amount > 0 then net_amount else 0 end) as paid_amount,
        sum(case when net_amount < 0 then -net_amount else 0 end) as refunded_amount,
        sum(case when kind = 'payment' and status = 'failed' then 1 else 0 end) as failed_attempts

    from payments

    where order_id is not null

    group by order_id

),

returned as (

    select
        order_id,
        sum(case when is_revenue then amount else 0 end) as returns_amount

    from returns

    where order_id is not null

    group by order_id

),

reckoned as (

    select
        orders.order_id,
        orders.source,
        orders.customer_id,
        orders.order_date,
        orders.status,
        cast(coalesce(paid.failed_attempts, 0) as bigint) as failed_attempts,
        case when orders.is_revenue then orders.net_amount else 0 end as order_amount,
        coalesce(returned.returns_amount, 0) as returns_amount,
        coalesce(paid.paid_amount, 0) as paid_amount,
        coalesce(paid.refunded_amount, 0) as refunded_amount

    from orders

    inner join paying_sources on orders.source = paying_sources.source

    left join paid on orders.order_id = paid.order_id

    left join returned on orders.order_id = returned.order_id

),

final as (

    select
        *,
        -- What is not paid yet is owed only once the order is.
        case
            when status <> 'open' then paid_amount - refunded_amount - (order_amount - returns_amount)
        end as payment_difference

    from reckoned

)

select * from final
