with

cases as (

    select * from {{ ref('int_kpi_cases') }}

),

orders as (

    select * from {{ ref('int_kpi_periods') }}

    where dimension = 'all'

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        cases.grain,
        cases.period_start,
        {{ last_day_of('cases.grain', 'cases.period_start') }} as period_end,
        {{ last_day_of('cases.grain', 'cases.period_start') }} <= {{ night() }} as is_complete,
        cases.dimension,
        cases.member,
        cases.cases,
        cases.customers,
        cases.complaints,
        cases.resolved_cases,
        cases.answered_cases,
        cases.cases_in_time,
        cases.cases_with_target,
        cases.reopened_cases,
        cases.one_touch_cases,
        cases.rated_cases,
        cast(cases.complaints as numeric) / nullif(orders.orders, 0) as complaint_rate,
        cases.first_response_business_hours / nullif(cases.answered_cases, 0) as first_response_business_hours,
        cases.resolution_business_hours / nullif(cases.timed_resolutions, 0) as resolution_business_hours,
        cast(cases.cases_in_time as numeric) / nullif(cases.cases_with_target, 0) as on_time_rate,
        cast(cases.reopened_cases as numeric) / nullif(cases.resolved_cases, 0) as reopened_rate,
        cast(cases.one_touch_cases as numeric) / nullif(cases.resolved_cases, 0) as one_touch_rate,
        cases.ratings / nullif(cases.rated_cases, 0) as satisfaction,
        {{ as_of() }} as data_as_of

    from cases

    left join orders
        on
            cases.grain = orders.grain
            and cases.period_start = orders.period_start

)

select * from final
