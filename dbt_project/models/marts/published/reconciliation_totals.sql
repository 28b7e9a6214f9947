with

orders as (

    select * from {{ ref('fct_orders') }}

),

returns as (

    select * from {{ ref('fct_returns') }}

),

lines_without_order as (

    select * from {{ ref('int_order_lines_without_order') }}

),

order_totals as (

    select
        source,
        cast(sum(line_count) as bigint) as order_lines,
        count(*) as orders,
        sum(net_amount) as order_amount,
        coalesce(sum(case when not is_revenue then net_amount end), 0) as not_revenue_amount

    from orders

    group by source

),

return_totals as (

    select
        source,
        count(*) as return_lines,
        coalesce(sum(case when is_revenue then amount end), 0) as returns_amount

    from returns

    group by source

),

without_order_totals as (

    select
        source,
        count(*) as order_lines_without_order,
        count(distinct order_id) as missing_orders,
        sum(net_amount) as amount_without_order

    from lines_without_order

    group by source

),

document_ids as (

    select
        source,
        order_id as document_id
    from orders
    union distinct
    select
        source,
        order_id as document_id
    from lines_without_order
    union distinct
    select
        source,
        coalesce(order_id, source || ':' || order_key, return_id) as document_id
    from returns

),

document_totals as (

    select
        source,
        count(*) as documents

    from document_ids

    group by source

),

buyers as (

    select
        source,
        customer_key,
        customer_id
    from orders
    union distinct
    select
        source,
        customer_key,
        customer_id
    from returns

),

buyer_totals as (

    select
        source,
        count(distinct customer_key) as customers,
        count(distinct customer_id) as identified_customers

    from buyers

    group by source

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        document_totals.source,
        document_totals.documents,
        coalesce(order_totals.order_lines, 0) as order_lines,
        coalesce(without_order_totals.order_lines_without_order, 0) as order_lines_without_order,
        coalesce(return_totals.return_lines, 0) as return_lines,
        coalesce(order_totals.order_lines, 0)
        + coalesce(without_order_totals.order_lines_without_order, 0)
        + coalesce(return_totals.return_lines, 0) as total_lines,
        coalesce(order_totals.orders, 0) as orders,
        coalesce(without_order_totals.missing_orders, 0) as missing_orders,
        document_totals.documents
        - coalesce(order_totals.orders, 0)
        - coalesce(without_order_totals.missing_orders, 0) as return_documents,
        coalesce(buyer_totals.customers, 0) as customers,
        coalesce(buyer_totals.identified_customers, 0) as identified_customers,
        coalesce(order_totals.order_amount, 0) as order_amount,
        coalesce(order_totals.not_revenue_amount, 0) as not_revenue_amount,
        coalesce(without_order_totals.amount_without_order, 0) as amount_without_order,
        coalesce(order_totals.order_amount, 0) - coalesce(order_totals.not_revenue_amount, 0) as gross_revenue,
        coalesce(return_totals.returns_amount, 0) as returns_amount,
        coalesce(order_totals.order_amount, 0)
        - coalesce(order_totals.not_revenue_amount, 0)
        - coalesce(return_totals.returns_amount, 0) as net_revenue,
        {{ as_of() }} as data_as_of

    from document_totals

    left join buyer_totals on document_totals.source = buyer_totals.source

    left join order_totals on document_totals.source = order_totals.source

    left join return_totals on document_totals.source = return_totals.source

    left join without_order_totals on document_totals.source = without_order_totals.source

)

select * from final
