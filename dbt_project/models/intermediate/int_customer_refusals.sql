with

returned as (

    select * from {{ ref('int_returned_products') }}

),

complaints as (

    select * from {{ ref('fct_service_cases') }}

    where
        customer_id is not null
        and kind in ('complaint', 'return_request')

),

order_lines as (

    select * from {{ ref('fct_order_lines') }}

    where sku is not null

),

final as (

    select
        customer_id,
        sku
    from returned
    union distinct
    select
        customer_id,
        sku
    from complaints
    where sku is not null
    union distinct
    select
        complaints.customer_id,
        order_lines.sku
    from complaints
    inner join order_lines on complaints.order_id = order_lines.order_id
    where complaints.sku is null

)

select * from final
