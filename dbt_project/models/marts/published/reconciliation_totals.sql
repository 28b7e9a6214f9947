with

orders as (

    select * from {{ ref('int_source_orders') }}

),

returns as (

    select * from {{ ref('int_source_returns') }}

),

return_documents as (

    select * from {{ ref('int_source_return_documents') }}

),

lines_without_order as (

    select * from {{ ref('int_source_lines_without_order') }}

),

buyers as (

    select * from {{ ref('int_source_buyers') }}

),

sources as (

    select source from orders
    union distinct
    select source from returns
    union distinct
    select source from lines_without_order

),

joined as (

    select
        sources.source,
        coalesce(orders.orders, 0) as orders,
        coalesce(orders.order_lines, 0) as order_lines,
        coalesce(orders.order_amount, 0) as order_amount,
        coalesce(orders.not_revenue_amount, 0) as not_revenue_amount,
        coalesce(returns.return_lines, 0) as return_lines,
        coalesce(returns.returns_amount, 0) as returns_amount,
        coalesce(return_documents.return_documents, 0) as return_documents,
        coalesce(lines_without_order.order_lines_without_order, 0) as order_lines_without_order,
        coalesce(lines_without_order.missing_orders, 0) as missing_orders,
        coalesce(lines_without_order.amount_without_order, 0) as amount_without_order,
        coalesce(buyers.customers, 0) as customers,
        coalesce(buyers.identified_customers, 0) as identified_customers

    from sources

    left join orders on sources.source = orders.source

    left join returns on sources.source = returns.source

    left join return_documents on sources.source = return_documents.source

    left join lines_without_order on sources.source = lines_without_order.source

    left join buyers on sources.source = buyers.source

),

final as (

    select
        *,
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        order_lines + order_lines_without_order + return_lines as total_lines,
        orders + missing_orders + return_documents as documents,
        order_amount - not_revenue_amount as gross_revenue,
        order_amount - not_revenue_amount - returns_amount as net_revenue,
        {{ as_of() }} as data_as_of

    from joined

)

select * from final
