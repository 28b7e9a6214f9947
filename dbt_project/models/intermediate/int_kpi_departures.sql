with

order_days as (

    select * from {{ ref('int_kpi_order_days') }}

),

departures as (

    select
        dimension,
        member,
        {{ days_after('business_date', var('active_customer_days')) }} as business_date,
        deactivated,
        0 as lost
    from order_days
    where deactivated > 0
    union all
    select
        dimension,
        member,
        {{ lost_from('business_date') }} as business_date,
        0 as deactivated,
        lost
    from order_days
    where lost > 0

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
