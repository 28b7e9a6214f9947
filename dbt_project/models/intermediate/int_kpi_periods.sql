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

summed as (

    {{ kpi_period_sums() }}

),

periods as (

    {{ kpi_periods_without_gaps() }}
    union distinct
    select
        grain,
        dimension,
        member,
        period_start
    from summed

),

final as (

    select
        periods.grain,
        periods.dimension,
        periods.member,
        periods.period_start
        {{ kpi_period_columns() }}

    from periods

    left join summed
        on
            periods.grain = summed.grain
            and periods.dimension = summed.dimension
            and periods.member = summed.member
            and periods.period_start = summed.period_start

    window up_to_now as (
        partition by periods.grain, periods.dimension, periods.member
        order by periods.period_start
    )

)

select * from final
