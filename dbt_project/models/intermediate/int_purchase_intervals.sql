{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id'], 'unique': true}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with

purchase_days as (

    select * from {{ ref('int_purchase_days') }}

    where {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

spans as (

    select
        customer_id,
        count(*) as purchase_days,
        min(purchase_date) as first_date,
        max(purchase_date) as last_date

    from purchase_days

    group by customer_id

),

paced as (

    select
        customer_id,
        purchase_days,
        last_date,
        case
            when purchase_days >= {{ var('interval_purchase_days') | int }}
                then cast({{ days_between('first_date', 'last_date') }} as numeric) / (purchase_days - 1)
        end as interval_days

    from spans

),

final as (

    select
        customer_id,
        purchase_days,
        interval_days,
        {{ days_after('last_date', 'cast(round(interval_days) as integer)') }} as expected_next_purchase_date

    from paced

)

select * from final
