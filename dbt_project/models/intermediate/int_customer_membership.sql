{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id'], 'unique': true}],
    meta={'touched_keys': 'int_touched_standings'},
) }}

with

customers as (

    select * from {{ ref('stg_identified_customers') }}

    where {{ is_touched('int_touched_standings', ['customer_id']) }}

),

levels as (

    select * from {{ ref('membership_levels') }}

),

current_levels as (

    select * from {{ ref('int_membership_changes') }}

    where
        valid_to is null
        and {{ is_touched('int_touched_standings', ['customer_id']) }}

),

amounts as (

    select * from {{ ref('int_membership_amounts') }}

    where {{ is_touched('int_touched_standings', ['customer_id']) }}

),

rolling_amounts as (

    select
        customer_id,
        rolling_amount

    from amounts

    where {{ is_in_force('amount_date', 'next_amount_date') }}

),

review_amounts as (

    select
        amounts.customer_id,
        sum(amounts.amount) as amount_at_review

    from amounts

    inner join current_levels on amounts.customer_id = current_levels.customer_id

    where
        {{ days_after('amounts.amount_date', var('membership_window_days') | int) }} > current_levels.review_date

    group by amounts.customer_id

),

final as (

    select
        customers.customer_id,
        levels.level as membership_level,
        levels.place as membership_place,
        current_levels.valid_from as membership_since,
        current_levels.review_date as membership_review_date,
        next_levels.level as next_membership_level,
        coalesce(rolling_amounts.rolling_amount, 0) as membership_amount,
        case
            when next_levels.reach_amount > coalesce(rolling_amounts.rolling_amount, 0)
                then next_levels.reach_amount - coalesce(rolling_amounts.rolling_amount, 0)
            when next_levels.place is not null then 0
        end as amount_to_next_level,
        case
            when levels.place > 1 and levels.keep_amount > coalesce(review_amounts.amount_at_review, 0)
                then levels.keep_amount - coalesce(review_amounts.amount_at_review, 0)
            when levels.place > 1 then 0
        end as amount_to_keep_level

    from customers

    left join current_levels on customers.customer_id = current_levels.customer_id

    left join rolling_amounts on customers.customer_id = rolling_amounts.customer_id

    left join review_amounts on customers.customer_id = review_amounts.customer_id

    inner join levels on levels.place = coalesce(current_levels.place, 1)

    left join levels as next_levels on next_levels.place = levels.place + 1

)

select * from final
