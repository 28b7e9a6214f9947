with

days as (

    select * from {{ ref('int_kpi_days') }}

),

calendar_days as (

    select * from {{ ref('dim_dates') }}

    where business_date <= {{ night() }}

),

members as (

    select
        dimension,
        member,
        min(business_date) as first_date

    from days

    group by
        dimension,
        member

),

all_days as (

    select * from days
    union all
    {{ kpi_days_without_anything() }}

),

summed as (

    {{ kpi_period_sums() }}

),

final as (

    select
        grain,
        dimension,
        member,
        period_start
        {{ kpi_period_columns() }}

    from summed

    window up_to_now as (partition by grain, dimension, member order by period_start)

)

select * from final
