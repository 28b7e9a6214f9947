with

returns as (

    select * from {{ source('standardised', 'returns') }}

),

final as (

    select
        source || ':' || source_key as return_id,
        source,
        source_key as return_key,
        order_key,
        source || ':' || order_key as order_id,
        order_line_key,
        source || ':' || order_line_key as order_line_id,
        customer_key,
        source || ':' || store_key as store_id,
        sku,
        returned_at,
        {{ business_date('returned_at') }} as return_date,
        currency,
        quantity,
        unit_price,
        coalesce(amount, quantity * unit_price) as amount,
        reason

    from returns

)

select * from final
