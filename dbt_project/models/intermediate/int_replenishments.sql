with

bought as (

    select * from {{ ref('int_customer_products') }}

    where bought_days >= {{ var('replenishment_least_days') }}

),

spaced as (

    select
        *,
        cast({{ days_between('first_bought_date', 'last_bought_date') }} as numeric) / (bought_days - 1)
            as interval_days

    from bought

),

expected as (

    select
        *,
        {{ days_after('last_bought_date', 'cast(round(interval_days) as integer)') }} as expected_date

    from spaced

),

final as (

    select
        customer_id,
        sku,
        bought_days,
        first_bought_date,
        last_bought_date,
        interval_days,
        expected_date,
        case
            when {{ days_between(night(), 'expected_date') }} > {{ var('replenishment_notice_days') }} then 'later'
            when {{ days_between('expected_date', night()) }} <= interval_days then 'due'
            else 'lapsed'
        end as replenishment_state

    from expected

)

select * from final
