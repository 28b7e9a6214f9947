{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with

amounts as (

    select
        *,
        max(amount_date) over (partition by customer_id) as last_date

    from {{ ref('int_membership_amounts') }}

    where {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

first_level as (

    select min(reach_amount) as reach_amount
    from {{ ref('membership_levels') }}
    where place > 1

),

reached_days as (

    select
        amounts.customer_id,
        amounts.amount_date,
        amounts.last_date,
        min(amounts.amount_date) over (partition by amounts.customer_id) as first_date

    from amounts

    inner join first_level on amounts.rolling_amount >= first_level.reach_amount

),

years as (
    {{ validity_rows() }}
),

review_days as (

    select
        reached_days.customer_id,
        reached_days.first_date,
        reached_days.last_date,
        {{ days_after('reached_days.amount_date', 'years.day_count') }} as review_date

    from reached_days

    cross join years

),

-- By a validity after the last change nothing of any amount is left.
final as (

    select distinct
        customer_id,
        first_date,
        review_date

    from review_days

    where review_date <= {{ days_after('last_date', var('membership_valid_days') | int) }}

)

select * from final
