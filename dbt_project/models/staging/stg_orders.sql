with

orders as (

    select * from {{ source('standardised', 'orders') }}

),

final as (

    select
        source || ':' || source_key as order_id,
        source,
        source_key as order_key,
        order_number,
        channel,
        source || ':' || store_key as store_id,
        customer_key,
        ordered_at,
        {{ business_date('ordered_at') }} as order_date,
        coalesce(status, 'open') as status,
        currency,
        coalesce(discount_amount, 0) as order_discount_amount,
        coalesce(shipping_amount, 0) as shipping_amount,
        total_amount

    from orders

)

select * from final
