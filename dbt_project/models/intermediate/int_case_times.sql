with

cases as (

    select * from {{ ref('stg_cases') }}

),

messages as (

    select * from {{ ref('int_case_messages') }}

),

resolutions as (

    select * from {{ ref('int_case_resolutions') }}

),

service_days as (

    select * from {{ ref('int_service_days') }}

),

moments as (

    select
        cases.case_id,
        cases.opened_at,
        cases.opened_date,
        messages.first_response_at,
        resolutions.resolved_at,
        coalesce(resolutions.resolved_at, {{ as_of() }}) as until_at

    from cases

    left join messages on cases.case_id = messages.case_id

    left join resolutions on cases.case_id = resolutions.case_id

),

open_seconds as (

    select
        moments.case_id,
        moments.resolved_at,
        {{ open_seconds_until('moments.opened_at', 'opened') }} as at_opening,
        {{ open_seconds_until('moments.first_response_at', 'answered') }} as at_first_response,
        {{ open_seconds_until('moments.until_at', 'ended') }} as at_end

    from moments

    left join service_days as opened on moments.opened_date = opened.business_date

    left join service_days as answered
        on {{ business_date('moments.first_response_at') }} = answered.business_date

    left join service_days as ended on {{ business_date('moments.until_at') }} = ended.business_date

),

final as (

    select
        case_id,
        (at_first_response - at_opening) / 3600 as first_response_business_hours,
        case when resolved_at is not null then (at_end - at_opening) / 3600 end as resolution_business_hours,
        (at_end - at_opening) / 3600 as business_hours

    from open_seconds

)

select * from final
