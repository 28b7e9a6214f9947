with

status_changes as (

    select * from {{ ref('stg_case_status_changes') }}

),

with_previous as (

    select
        case_id,
        changed_at,
        is_open,
        lag(is_open) over (partition by case_id order by changed_at, status_change_id) as was_open

    from status_changes

),

final as (

    select
        case_id,
        count(*) as reopen_count

    from with_previous

    where
        is_open
        and not was_open

    group by case_id

)

select * from final
