with

sales as (

    select
        order_date as business_date,
        source,
        channel,
        cast(coalesce(sum(case when is_revenue then line_count end), 0) as bigint) as order_lines,
        count(case when is_revenue then 1 end) as orders,
        count(case when status = 'cancelled' then 1 end) as cancelled_orders,
        coalesce(sum(case when is_revenue then units end), 0) as units,
        coalesce(sum(case when is_revenue then net_amount end), 0) as gross_revenue

    from {{ ref('fct_orders') }}

    group by
        order_date,
        source,
        channel

),

returns as (

    select
        return_date as business_date,
        source,
        channel,
        count(*) as return_lines,
        coalesce(sum(quantity), 0) as returned_units,
        sum(amount) as returns_amount

    from {{ ref('fct_returns') }}

    where is_revenue

    group by
        return_date,
        source,
        channel

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        coalesce(sales.business_date, returns.business_date) as business_date,
        coalesce(sales.source, returns.source) as source,
        coalesce(sales.channel, returns.channel) as channel,
        coalesce(sales.orders, 0) as orders,
        coalesce(sales.cancelled_orders, 0) as cancelled_orders,
        coalesce(sales.order_lines, 0) as order_lines,
        coalesce(sales.units, 0) as units,
        coalesce(sales.gross_revenue, 0) as gross_revenue,
        coalesce(returns.return_lines, 0) as return_lines,
        coalesce(returns.returned_units, 0) as returned_units,
        coalesce(returns.returns_amount, 0) as returns_amount,
        coalesce(sales.gross_revenue, 0) - coalesce(returns.returns_amount, 0) as net_revenue,
        {{ as_of() }} as data_as_of

    from sales

    full outer join returns
        on
            sales.business_date = returns.business_date
            and sales.source = returns.source
            and sales.channel = returns.channel

)

select * from final
