{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with

rules as (

    select * from {{ ref('int_lifecycle_rules') }}

),

purchases as (

    select
        purchase_days.*,
        rules.won_back_days,
        rules.loyal_window_days,
        purchase_days.purchase_date >= {{ lost_from('purchase_days.previous_date') }} as is_return

    from {{ ref('int_purchase_days') }} as purchase_days

    cross join rules

    where {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

happened as (

    select
        customer_id,
        order_count,
        purchase_date as point_date,
        purchase_date,
        case when is_return then purchase_date end as return_date

    from purchases

),

gone as (

    select
        customer_id,
        -order_count as order_count,
        {{ days_after('purchase_date', 'loyal_window_days') }} as point_date,
        cast(null as date) as purchase_date,
        cast(null as date) as return_date

    from purchases

),

turns as (

    select
        customer_id,
        {{ days_after('purchase_date', var('active_customer_days') | int) }} as point_date
    from purchases
    where coalesce({{ days_after('purchase_date', var('active_customer_days') | int) }} < next_date, true)
    union
    select
        customer_id,
        {{ lost_from('purchase_date') }} as point_date
    from purchases
    where coalesce({{ lost_from('purchase_date') }} < next_date, true)
    union
    select
        customer_id,
        {{ days_after('first_date', var('new_customer_days') | int) }} as point_date
    from purchases
    union
    select
        customer_id,
        {{ days_after('purchase_date', 'won_back_days') }} as point_date
    from purchases
    where is_return

),

moments as (

    select * from happened
    union all
    select * from gone
    union all
    select
        customer_id,
        0 as order_count,
        point_date,
        cast(null as date) as purchase_date,
        cast(null as date) as return_date
    from turns

),

final as (

    select
        customer_id,
        point_date,
        cast(sum(order_count) as bigint) as order_count,
        max(purchase_date) as purchase_date,
        max(return_date) as return_date

    from moments

    group by
        customer_id,
        point_date

)

select * from final
