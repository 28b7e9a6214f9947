with

points as (

    select * from {{ source('standardised', 'points') }}

),

final as (

    select
        source || ':' || source_key as movement_id,
        source,
        source_key as movement_key,
        customer_key,
        source || ':' || order_key as order_id,
        kind,
        points,
        moved_at,
        {{ business_date('moved_at') }} as moved_date,
        expires_on

    from points

)

select * from final
