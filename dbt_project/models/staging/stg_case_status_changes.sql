with

case_status_changes as (

    select * from {{ source('standardised', 'case_status_changes') }}

),

final as (

    select
        status,
        changed_at,
        source || ':' || source_key as status_change_id,
        source || ':' || case_key as case_id,
        status in ('open', 'pending') as is_open

    from case_status_changes

)

select * from final
