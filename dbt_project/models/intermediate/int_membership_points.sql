{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with

amounts as (

    select * from {{ ref('int_membership_amounts') }}

    where {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

review_days as (

    select * from {{ ref('int_membership_review_days') }}

    where {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

-- A level is at least what the amount before reached, so only one that reaches more can upgrade it.
final as (

    select
        customer_id,
        amount_date as point_date,
        rolling_amount,
        reached_place

    from amounts

    where is_rise

    union distinct

    select
        review_days.customer_id,
        review_days.review_date as point_date,
        amounts.rolling_amount,
        amounts.reached_place

    from review_days

    inner join amounts
        on
            review_days.customer_id = amounts.customer_id
            and review_days.review_date >= amounts.amount_date
            and coalesce(review_days.review_date < amounts.next_amount_date, true)

)

select * from final
