{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with recursive

steps as (

    select
        *,
        case when place > 1 then {{ days_after('point_date', var('membership_valid_days') | int) }} end as review_date

    from {{ ref('int_membership_steps') }}

    where {{ is_touched('int_touched_buyers', ['customer_id'], of_view=true) }}

),

-- Whatever level a day gives is one that it leaves as it is, so no other row is ever come to.
ways as (

    select
        *,
        case
            when next_upgrade_date <= coalesce(review_date, next_upgrade_date) then next_upgrade_date
            else review_date
        end as next_date,
        min(point_date) over (partition by customer_id) as first_date

    from steps

    where place = place_after_review

),

ways_with_next_place as (

    select
        ways.customer_id,
        ways.point_date,
        ways.place,
        ways.rolling_amount,
        ways.review_date,
        ways.next_date,
        steps.place_after_review as next_place,
        ways.point_date = ways.first_date and ways.place = ways.reached_place as is_first

    from ways

    left join steps
        on
            ways.customer_id = steps.customer_id
            and ways.next_date = steps.point_date
            and ways.place = steps.place

),

states as (

    select
        customer_id,
        point_date,
        place,
        1 as previous_place,
        rolling_amount,
        review_date,
        next_date,
        next_place

    from ways_with_next_place

    where is_first

    union all

    select
        ways.customer_id,
        ways.point_date,
        ways.place,
        states.place as previous_place,
        ways.rolling_amount,
        ways.review_date,
        ways.next_date,
        ways.next_place

    from states

    inner join ways_with_next_place as ways
        on
            states.customer_id = ways.customer_id
            and states.next_date = ways.point_date
            and states.next_place = ways.place

),

final as (

    select
        customer_id,
        point_date as valid_from,
        {{ days_after('lead(point_date) over (partition by customer_id order by point_date)', -1) }} as valid_to,
        place,
        previous_place,
        rolling_amount,
        review_date,
        case
            when place > previous_place then 'upgraded'
            when place = previous_place then 'kept'
            else 'downgraded'
        end as level_change

    from states

)

select * from final
