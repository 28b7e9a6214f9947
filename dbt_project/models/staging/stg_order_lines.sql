with

order_lines as (

    select * from {{ source('standardised', 'order_lines') }}

),

final as (

    select
        source,
        source_key as order_line_key,
        order_key,
        line_number,
        sku,
        product_name,
        quantity,
        unit_price,
        source || ':' || source_key as order_line_id,
        source || ':' || order_key as order_id,
        quantity * unit_price as gross_amount,
        coalesce(discount_amount, 0) as discount_amount,
        quantity * unit_price - coalesce(discount_amount, 0) as net_amount

    from order_lines

)

select * from final
