with

cases as (

    select * from {{ ref('stg_cases') }}

),

status_changes as (

    select * from {{ ref('stg_case_status_changes') }}

),

last_open as (

    select
        case_id,
        max(changed_at) as last_open_at

    from status_changes

    where is_open

    group by case_id

),

resolved as (

    select
        status_changes.case_id,
        min(status_changes.changed_at) as resolved_at

    from status_changes

    left join last_open on status_changes.case_id = last_open.case_id

    where
        not status_changes.is_open
        and (last_open.last_open_at is null or status_changes.changed_at >= last_open.last_open_at)

    group by status_changes.case_id

),

final as (

    select
        cases.case_id,
        coalesce(resolved.resolved_at, cases.closed_at) as resolved_at

    from cases

    left join resolved on cases.case_id = resolved.case_id

    where not cases.is_open

)

select * from final
