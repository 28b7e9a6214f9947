with

order_days as (

    select * from {{ ref('int_kpi_order_days') }}

),

dates as (

    select * from {{ ref('int_kpi_dates') }}

),

departures as (

    select
        order_days.dimension,
        order_days.member,
        dates.inactive_from as business_date,
        order_days.deactivated,
        0 as lost
    from order_days
    inner join dates on order_days.business_date = dates.business_date
    where order_days.deactivated > 0
    union all
    select
        order_days.dimension,
        order_days.member,
        dates.lost_from as business_date,
        0 as deactivated,
        order_days.lost
    from order_days
    inner join dates on order_days.business_date = dates.business_date
    where order_days.lost > 0

),

final as (

    select
        dimension,
        member,
        business_date,
        cast(sum(deactivated) as bigint) as deactivated,
        cast(sum(lost) as bigint) as lost

    from departures

    where business_date <= {{ night() }}

    group by
        dimension,
        member,
        business_date

)

select * from final
