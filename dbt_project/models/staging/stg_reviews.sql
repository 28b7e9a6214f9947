with

reviews as (

    select * from {{ source('standardised', 'reviews') }}

),

final as (

    select
        source || ':' || source_key as review_id,
        source,
        source_key as review_key,
        customer_key,
        source || ':' || order_key as order_id,
        sku,
        rating,
        coalesce(status, 'published') as status,
        reviewed_at,
        {{ business_date('reviewed_at') }} as review_date

    from reviews

)

select * from final
