with

ratings as (

    select * from {{ source('standardised', 'ratings') }}

),

final as (

    select
        rating,
        rated_at,
        source || ':' || source_key as rating_id,
        source || ':' || case_key as case_id

    from ratings

)

select * from final
