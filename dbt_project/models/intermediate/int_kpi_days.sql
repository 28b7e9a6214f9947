with

order_days as (

    select * from {{ ref('int_kpi_order_days') }}

),

reversal_days as (

    select * from {{ ref('int_kpi_reversal_days') }}

),

departures as (

    select * from {{ ref('int_kpi_departures') }}

),

keys as (

    select
        dimension,
        member,
        business_date
    from order_days
    union distinct
    select
        dimension,
        member,
        business_date
    from reversal_days
    union distinct
    select
        dimension,
        member,
        business_date
    from departures

),

final as (

    select
        keys.dimension,
        keys.member,
        keys.business_date
        {{ kpi_zeroed_columns() }}

    from keys

    left join order_days
        on
            keys.dimension = order_days.dimension
            and keys.member = order_days.member
            and keys.business_date = order_days.business_date

    left join reversal_days
        on
            keys.dimension = reversal_days.dimension
            and keys.member = reversal_days.member
            and keys.business_date = reversal_days.business_date

    left join departures
        on
            keys.dimension = departures.dimension
            and keys.member = departures.member
            and keys.business_date = departures.business_date

)

select * from final
