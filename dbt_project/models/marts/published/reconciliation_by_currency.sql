with

sales as (

    select
        source,
        currency,
        count(*) as orders,
        sum(original_net_amount) as order_amount,
        coalesce(sum(case when not is_revenue then original_net_amount end), 0) as not_revenue_amount,
        coalesce(sum(case when is_revenue then net_amount end), 0) as base_amount

    from {{ ref('fct_orders') }}

    group by
        source,
        currency

),

returns as (

    select
        source,
        coalesce(currency, 'unknown') as currency,
        count(*) as return_lines,
        coalesce(sum(case when is_revenue then original_amount end), 0) as returns_amount,
        coalesce(sum(case when is_revenue then amount end), 0) as base_amount

    from {{ ref('fct_returns') }}

    group by
        source,
        coalesce(currency, 'unknown')

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        coalesce(sales.source, returns.source) as source,
        coalesce(sales.currency, returns.currency) as currency,
        coalesce(sales.orders, 0) as orders,
        coalesce(sales.order_amount, 0) as order_amount,
        coalesce(sales.not_revenue_amount, 0) as not_revenue_amount,
        coalesce(sales.order_amount, 0) - coalesce(sales.not_revenue_amount, 0) as gross_revenue,
        coalesce(returns.return_lines, 0) as return_lines,
        coalesce(returns.returns_amount, 0) as returns_amount,
        coalesce(sales.order_amount, 0)
        - coalesce(sales.not_revenue_amount, 0)
        - coalesce(returns.returns_amount, 0) as net_revenue,
        coalesce(sales.base_amount, 0) - coalesce(returns.base_amount, 0) as net_revenue_in_base_currency,
        {{ as_of() }} as data_as_of

    from sales

    full outer join returns
        on
            sales.source = returns.source
            and sales.currency = returns.currency

)

select * from final
