with

rule as (

    select * from {{ ref('alert_rules') }}

    where rule = 'sla_deadline'

),

cases as (

    select * from {{ ref('fct_service_cases') }}

    where
        is_open
        or resolved_at is null
        or {{ business_date('resolved_at') }} > {{ days_before_night(var('alert_history_days')) }}

),

case_days as (

    select * from {{ ref('int_case_days') }}

),

deadlines as (

    select
        cases.case_id,
        cases.customer_id,
        cases.opened_date,
        coalesce({{ business_date('cases.resolved_at') }}, {{ night() }}) as ended_on,
        cases.resolution_target_hours,
        {{ open_seconds_until('cases.opened_at', 'service_days') }}
        + rule.threshold * cases.resolution_target_hours * 3600 as due_seconds

    from cases

    cross join rule

    inner join {{ ref('int_service_days') }} as service_days on cases.opened_date = service_days.business_date

    where cases.business_hours >= rule.threshold * cases.resolution_target_hours

),

due_days as (

    select
        deadlines.case_id,
        deadlines.customer_id,
        deadlines.resolution_target_hours,
        service_days.business_date as due_on

    from deadlines

    inner join {{ ref('int_service_days') }} as service_days
        on
            deadlines.opened_date <= service_days.business_date
            and deadlines.ended_on >= service_days.business_date
            and deadlines.due_seconds > service_days.open_seconds_before
            and deadlines.due_seconds <= service_days.open_seconds_before + service_days.open_seconds

),

spells as (

    select
        *,
        lead(on_date) over (partition by case_id order by on_date) as ends_on

    from case_days

),

final as (

    select
        rule.rule,
        due_days.case_id as object_id,
        due_days.customer_id,
        case when spells.on_date < due_days.due_on then due_days.due_on else spells.on_date end as changes_on,
        spells.is_open as is_alert,
        rule.threshold * due_days.resolution_target_hours as value,
        due_days.resolution_target_hours as base_value,
        cast(1 as bigint) as sample_count,
        'more than ' || {{ percent_text('rule.threshold') }} || ' of its '
        || {{ count_text('due_days.resolution_target_hours') }} || ' business hours are used up' as evidence

    from due_days

    inner join spells on due_days.case_id = spells.case_id

    cross join rule

    where spells.ends_on is null or spells.ends_on > due_days.due_on

)

select * from final
