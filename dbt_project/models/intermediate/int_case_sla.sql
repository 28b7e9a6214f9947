with

cases as (

    select * from {{ ref('stg_cases') }}

),

times as (

    select * from {{ ref('int_case_times') }}

),

targets as (

    select * from {{ ref('sla_targets') }}

),

with_targets as (

    select
        cases.case_id,
        cases.is_open,
        times.business_hours,
        times.first_response_business_hours,
        times.resolution_business_hours,
        coalesce(times.first_response_business_hours, times.business_hours) as waited_hours,
        coalesce(own.first_response_hours, usual.first_response_hours) as first_response_target_hours,
        coalesce(own.resolution_hours, usual.resolution_hours) as resolution_target_hours

    from cases

    inner join times on cases.case_id = times.case_id

    left join targets as own
        on
            cases.category = own.category
            and cases.priority = own.priority

    left join targets as usual
        on
            cases.priority = usual.priority
            and usual.category = 'any'

),

verdicts as (

    select
        *,
        case
            when waited_hours > first_response_target_hours then false
            when first_response_business_hours is null and is_open then null
            when waited_hours <= first_response_target_hours then true
        end as is_first_response_in_time,
        case
            when business_hours > resolution_target_hours then false
            when business_hours <= resolution_target_hours and not is_open then true
        end as is_resolution_in_time

    from with_targets

),

final as (

    select
        case_id,
        business_hours,
        first_response_business_hours,
        resolution_business_hours,
        first_response_target_hours,
        resolution_target_hours,
        is_first_response_in_time,
        is_resolution_in_time,
        is_first_response_in_time and is_resolution_in_time as is_sla_met

    from verdicts

)

select * from final
