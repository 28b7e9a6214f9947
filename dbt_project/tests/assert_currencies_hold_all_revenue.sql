-- Of each source the same money in its currencies together, by their rates, as in its total of a batch.
with

currencies as (

    select
        source,
        sum(net_revenue_in_base_currency) as net_revenue,
        sum(orders) as orders,
        sum(return_lines) as return_lines

    from {{ ref('reconciliation_by_currency') }}

    where batch_id = {{ var('batch_id', 0) }}

    group by source

),

totals as (

    select
        source,
        net_revenue,
        orders,
        return_lines

    from {{ ref('reconciliation_totals') }}

    where batch_id = {{ var('batch_id', 0) }}

),

final as (

    select totals.source

    from totals

    left join currencies on totals.source = currencies.source

    where
        coalesce(currencies.net_revenue, 0) <> totals.net_revenue
        or coalesce(currencies.orders, 0) <> totals.orders
        or coalesce(currencies.return_lines, 0) <> totals.return_lines

)

select * from final
