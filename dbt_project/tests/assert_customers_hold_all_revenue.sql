-- The same money in the facts as with the customers of a batch and those whom nobody knows.
with

fact_amounts as (

    select
        net_amount as gross_revenue,
        0 as returns_amount,
        1 as order_count

    from {{ ref('fct_orders') }}

    where is_revenue

    union all

    select
        0 as gross_revenue,
        amount as returns_amount,
        0 as order_count

    from {{ ref('fct_returns') }}

    where is_revenue

),

facts as (

    select
        coalesce(sum(gross_revenue), 0) as gross_revenue,
        coalesce(sum(returns_amount), 0) as returns_amount,
        coalesce(sum(order_count), 0) as orders

    from fact_amounts

),

customer_amounts as (

    select
        gross_revenue,
        returns_amount,
        order_count

    from {{ ref('customer_360') }}

    where batch_id = {{ var('batch_id', 0) }}

    union all

    select
        net_amount as gross_revenue,
        0 as returns_amount,
        1 as order_count

    from {{ ref('fct_orders') }}

    where
        is_revenue
        and customer_id is null

    union all

    select
        0 as gross_revenue,
        amount as returns_amount,
        0 as order_count

    from {{ ref('fct_returns') }}

    where
        is_revenue
        and customer_id is null

),

customers as (

    select
        coalesce(sum(gross_revenue), 0) as gross_revenue,
        coalesce(sum(returns_amount), 0) as returns_amount,
        coalesce(sum(order_count), 0) as orders

    from customer_amounts

),

final as (

    select
        facts.gross_revenue,
        facts.returns_amount,
        facts.orders

    from facts

    cross join customers

    where
        customers.gross_revenue <> facts.gross_revenue
        or customers.returns_amount <> facts.returns_amount
        or customers.orders <> facts.orders

)

select * from final
