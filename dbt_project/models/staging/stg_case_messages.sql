with

case_messages as (

    select * from {{ source('standardised', 'case_messages') }}

),

final as (

    select
        direction,
        sent_at,
        source || ':' || source_key as message_id,
        source || ':' || case_key as case_id

    from case_messages

)

select * from final
