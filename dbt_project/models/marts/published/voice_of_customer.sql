with

cases as (

    select
        *,
        {{ first_day_of('week', 'opened_date') }} as week_start,
        coalesce(category, 'none') as filed_under

    from {{ ref('fct_service_cases') }}

),

surveys as (

    select
        case_id,
        avg(score) as score

    from {{ ref('fct_surveys') }}

    where
        kind = 'csat'
        and score is not null

    group by case_id

),

weeks as (

    select
        cases.week_start,
        cases.filed_under as category,
        count(*) as cases,
        count(case when cases.kind = 'complaint' then 1 end) as complaints,
        avg(surveys.score) as csat,
        count(surveys.score) as csat_answers

    from cases

    left join surveys on cases.case_id = surveys.case_id

    group by
        cases.week_start,
        cases.filed_under

),

final as (

    select
        weeks.week_start,
        weeks.category,
        weeks.cases,
        weeks.complaints,
        weeks.csat,
        weeks.csat_answers,
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        {{ days_after('weeks.week_start', 6) }} <= {{ night() }} as is_complete,
        cast(weeks.cases as numeric) / sum(weeks.cases) over (partition by weeks.week_start) as share_of_week,
        coalesce(week_before.cases, 0) as cases_week_before,
        weeks.cases - coalesce(week_before.cases, 0) as case_change,
        cast(weeks.cases as numeric) / week_before.cases - 1 as change_rate,
        {{ as_of() }} as data_as_of

    from weeks

    left join weeks as week_before
        on
            weeks.category = week_before.category
            and weeks.week_start = {{ days_after('week_before.week_start', 7) }}

)

select * from final
