with

cases as (

    select * from {{ ref('fct_service_cases') }}

),

events as (

    select
        case_id,
        opened_date as on_date,
        opened_at as changed_at,
        case_id as event_id,
        true as is_open
    from cases
    union all
    select
        case_id,
        {{ business_date('changed_at') }} as on_date,
        changed_at,
        status_change_id as event_id,
        is_open
    from {{ ref('stg_case_status_changes') }}
    union all
    select
        case_id,
        {{ business_date('resolved_at') }} as on_date,
        resolved_at as changed_at,
        case_id as event_id,
        false as is_open
    from cases
    where resolved_at is not null

),

ranked as (

    select
        *,
        row_number() over (
            partition by case_id, on_date
            order by changed_at desc, is_open asc, event_id desc
        ) as place

    from events

),

final as (

    select
        ranked.case_id,
        cases.customer_id,
        cases.kind,
        ranked.on_date,
        ranked.is_open

    from ranked

    inner join cases on ranked.case_id = cases.case_id

    where
        ranked.place = 1
        and ranked.on_date <= {{ night() }}

)

select * from final
