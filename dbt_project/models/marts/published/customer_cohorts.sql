with

events as (

    select * from {{ ref('int_cohort_events') }}

),

months as (

    select distinct month_start from {{ ref('dim_dates') }}

    where business_date <= {{ night() }}

),

cohorts as (

    select
        cohort_month,
        count(distinct customer_id) as cohort_customers

    from events

    group by cohort_month

),

summed as (

    select
        cohort_month,
        months_since,
        cast(sum(orders) as bigint) as orders,
        count(case when orders > 0 then 1 end) as active_customers,
        sum(gross_revenue) as gross_revenue,
        sum(returns_amount) as returns_amount

    from events

    group by
        cohort_month,
        months_since

),

places as (

    select
        cohorts.cohort_month,
        {{ months_between('cohorts.cohort_month', 'months.month_start') }} as months_since
    from cohorts
    inner join months on cohorts.cohort_month <= months.month_start
    union distinct
    select
        cohort_month,
        months_since
    from summed

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        places.cohort_month,
        places.months_since,
        cohorts.cohort_customers,
        coalesce(summed.active_customers, 0) as active_customers,
        coalesce(summed.orders, 0) as orders,
        coalesce(summed.gross_revenue, 0) as gross_revenue,
        coalesce(summed.returns_amount, 0) as returns_amount,
        coalesce(summed.gross_revenue, 0) - coalesce(summed.returns_amount, 0) as net_revenue,
        cast(coalesce(summed.active_customers, 0) as numeric) / cohorts.cohort_customers as retention_rate,
        sum(coalesce(summed.gross_revenue, 0) - coalesce(summed.returns_amount, 0)) over (
            partition by places.cohort_month
            order by places.months_since
        ) / cohorts.cohort_customers as clv_realised,
        {{ as_of() }} as data_as_of

    from places

    inner join cohorts on places.cohort_month = cohorts.cohort_month

    left join summed
        on
            places.cohort_month = summed.cohort_month
            and places.months_since = summed.months_since

)

select * from final
