-- The same money in the facts, over all days, and over all sources of a batch.
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

levels as (

    select * from days
    union all
    select * from sources

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
