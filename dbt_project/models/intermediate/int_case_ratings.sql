with

ratings as (

    select * from {{ ref('stg_ratings') }}

),

ranked as (

    select
        *,
        row_number() over (partition by case_id order by rated_at desc, rating_id desc) as place

    from ratings

),

final as (

    select
        case_id,
        rating as last_rating,
        rated_at as last_rated_at

    from ranked

    where place = 1

)

select * from final
