with

source_trust as (

    select * from {{ source('standardised', 'source_trust') }}

),

final as (

    select
        source,
        trust,
        currency,
        fresh_within_hours

    from source_trust

)

select * from final
