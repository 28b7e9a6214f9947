{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with

amounts as (

    select
        customer_id,
        amount_date,
        is_rise,
        max(amount_date) over (partition by customer_id) as last_date

    from {{ ref('int_membership_amounts') }}

    where {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

years as (
    {{ validity_rows() }}
),

review_days as (

    select
        amounts.customer_id,
        amounts.last_date,
        {{ days_after('amounts.amount_date', 'years.day_count') }} as review_date

    from amounts

    cross join years

    where amounts.is_rise

),

-- By a validity after the last change nothing of any amount is left.
final as (

    select distinct
        customer_id,
        review_date

    from review_days

    where review_date <= {{ days_after('last_date', var('membership_valid_days') | int) }}

)

select * from final
