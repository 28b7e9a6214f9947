{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with

moneys as (

    select
        customer_id,
        amount,
        happened_on,
        case when is_order then 1 else 0 end as order_count

    from {{ ref('int_customer_moneys') }}

    where {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

in_and_out as (

    select
        customer_id,
        happened_on as event_date,
        order_count,
        order_count as purchases,
        amount

    from moneys

    union all

    select
        customer_id,
        {{ days_after('happened_on', var('rfm_window_days') | int) }} as event_date,
        -order_count as order_count,
        0 as purchases,
        -amount as amount

    from moneys

),

final as (

    select
        customer_id,
        event_date,
        sum(order_count) as order_count,
        sum(amount) as amount,
        sum(purchases) as purchases

    from in_and_out

    group by
        customer_id,
        event_date

)

select * from final
