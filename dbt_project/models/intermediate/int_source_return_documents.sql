with

returns as (

    select * from {{ ref('fct_returns') }}

),

lines_without_order as (

    select * from {{ ref('int_order_lines_without_order') }}

),

documents as (

    select
        source,
        coalesce(source || ':' || order_key, return_id) as document_id

    from returns

    where order_id is null

    group by
        source,
        coalesce(source || ':' || order_key, return_id)

),

missing_orders as (

    select order_id

    from lines_without_order

    group by order_id

),

final as (

    select
        documents.source,
        count(*) as return_documents

    from documents

    left join missing_orders on documents.document_id = missing_orders.order_id

    where missing_orders.order_id is null

    group by documents.source

)

select * from final
