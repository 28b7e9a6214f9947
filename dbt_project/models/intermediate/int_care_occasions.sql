with

customers as (

    select
        customer_id,
        country,
        coalesce(first_created_date, {{ business_date('first_seen_as_of') }}) as known_on

    from {{ ref('dim_customers') }}

),

-- A greeting to somebody who gets no messages is none.
reachable as (

    select distinct customer_id from {{ ref('int_consented_contacts') }}

),

festivals as (

    select
        greeted.country,
        festival_dates.festival_date as care_date,
        festivals.name_en as reason

    from {{ ref('care_festivals') }} as greeted

    inner join {{ ref('festivals') }} as festivals on greeted.festival = festivals.festival

    inner join {{ ref('festival_dates') }} as festival_dates on greeted.festival = festival_dates.festival

    where {{ is_ahead('festival_dates.festival_date') }}

),

-- Nobody is asked while a case is open, nor again before another case is resolved.
resolved_cases as (

    select
        cases.customer_id,
        max({{ business_date('cases.resolved_at') }}) as resolved_date

    from {{ ref('fct_service_cases') }} as cases

    left join {{ ref('fct_surveys') }} as surveys
        on
            cases.case_id = surveys.case_id
            and surveys.kind = 'csat'

    where cases.customer_id is not null

    group by cases.customer_id

    having
        max(case when cases.is_open then 1 else 0 end) = 0
        and max(cases.resolved_at) > coalesce(max(surveys.sent_at), min(cases.opened_at))

),

occasions as (

    select
        customer_id,
        {{ days_after('known_on', var('care_welcome_days')) }} as care_date,
        'welcome' as occasion,
        'known since ' || known_on as reason
    from customers
    union all
    select
        customers.customer_id,
        festivals.care_date,
        'festival' as occasion,
        {{ joined_text('festivals.reason', 'festivals.reason') }} as reason
    from customers
    inner join reachable on customers.customer_id = reachable.customer_id
    inner join festivals on customers.country = festivals.country
    group by customers.customer_id, festivals.care_date
    union all
    select
        customer_id,
        {{ days_after('resolved_date', var('care_survey_days')) }} as care_date,
        'survey_due' as occasion,
        'case resolved on ' || resolved_date as reason
    from resolved_cases

),

final as (

    select
        customer_id,
        care_date,
        occasion,
        reason
    from {{ ref('int_care_birthdays') }}
    union all
    select
        customer_id,
        care_date,
        occasion,
        reason
    from {{ ref('int_care_purchases') }}
    union all
    select
        customer_id,
        care_date,
        occasion,
        reason
    from occasions
    where {{ is_ahead('care_date') }}

)

select * from final
