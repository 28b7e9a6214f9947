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

members as (

    select distinct
        customer_id,
        first_date
    from review_days

),

moments as (

    select
        amounts.customer_id,
        amounts.amount_date as point_date,
        amounts.amount_change

    from amounts

    inner join members on amounts.customer_id = members.customer_id

    union all

    select
        customer_id,
        review_date as point_date,
        0 as amount_change

    from review_days

),

daily as (

    select
        customer_id,
        point_date,
        sum(amount_change) as amount_change

    from moments

    group by
        customer_id,
        point_date

),

running as (

    select
        customer_id,
        point_date,
        sum(amount_change) over (partition by customer_id order by point_date rows unbounded preceding)
            as rolling_amount

    from daily

),

final as (

    select
        running.customer_id,
        running.point_date,
        running.rolling_amount,
        max(levels.place) as reached_place

    from running

    inner join members
        on
            running.customer_id = members.customer_id
            and running.point_date >= members.first_date

    inner join {{ ref('membership_levels') }} as levels
        on running.rolling_amount >= levels.reach_amount or levels.place = 1

    group by
        running.customer_id,
        running.point_date,
        running.rolling_amount

)

select * from final
