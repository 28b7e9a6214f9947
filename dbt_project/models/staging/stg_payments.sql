with

payments as (

    select * from {{ source('standardised', 'payments') }}

),

final as (

    select
        source || ':' || source_key as payment_id,
        source,
        source_key as payment_key,
        order_key,
        source || ':' || order_key as order_id,
        source || ':' || store_key as store_id,
        kind,
        status,
        coalesce(method, 'unknown') as method,
        paid_at,
        {{ business_date('paid_at') }} as payment_date,
        currency,
        amount

    from payments

)

select * from final
