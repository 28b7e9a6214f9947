-- The same money at every level of a batch: facts = days = sources = customers + those whom nobody knows.
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

days as (

    select
        'sales_summary' as level_name,
        coalesce(sum(gross_revenue), 0) as gross_revenue,
        coalesce(sum(returns_amount), 0) as returns_amount,
        coalesce(sum(orders), 0) as orders

    from {{ ref('sales_summary') }}

    where batch_id = {{ var('batch_id', 0) }}

),

sources as (

    select
        'reconciliation_totals' as level_name,
        coalesce(sum(gross_revenue), 0) as gross_revenue,
        coalesce(sum(returns_amount), 0) as returns_amount,
        cast(null as numeric) as orders

    from {{ ref('reconciliation_totals') }}

    where batch_id = {{ var('batch_id', 0) }}

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
        'customer_360' as level_name,
        coalesce(sum(gross_revenue), 0) as gross_revenue,
        coalesce(sum(returns_amount), 0) as returns_amount,
        coalesce(sum(order_count), 0) as orders

    from customer_amounts

),

levels as (

    select * from days
    union all
    select * from sources
    union all
    select * from customers

),

final as (

    select levels.level_name

    from levels

    cross join facts

    where
        levels.gross_revenue <> facts.gross_revenue
        or levels.returns_amount <> facts.returns_amount
        or coalesce(levels.orders, facts.orders) <> facts.orders

)

select * from final
