with

surveys as (

    select * from {{ source('standardised', 'surveys') }}

),

final as (

    select
        source,
        kind,
        customer_key,
        channel,
        sent_at,
        answered_at,
        source || ':' || source_key as survey_id,
        source || ':' || case_key as case_id,
        case when answered_at is not null then score end as score

    from surveys

)

select * from final
