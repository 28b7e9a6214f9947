with

carts as (

    select * from {{ source('standardised', 'carts') }}

),

final as (

    select
        source || ':' || source_key as cart_id,
        source,
        source_key as cart_key,
        customer_key,
        source || ':' || order_key as order_id,
        started_at,
        {{ business_date('started_at') }} as started_date,
        coalesce(updated_at, started_at) as updated_at,
        completed_at,
        cast(item_count as integer) as item_count,
        currency,
        total_amount

    from carts

)

select * from final
