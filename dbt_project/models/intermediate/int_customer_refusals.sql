with

returns as (

    select * from {{ ref('fct_returns') }}

    where customer_id is not null

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
    from returns
    where sku is not null
    union distinct
    select
        returns.customer_id,
        order_lines.sku
    from returns
    inner join order_lines on returns.order_line_id = order_lines.order_line_id
    union distinct
    select
        returns.customer_id,
        order_lines.sku
    from returns
    inner join order_lines on returns.order_id = order_lines.order_id
    where
        returns.sku is null
        and returns.order_line_id is null
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
