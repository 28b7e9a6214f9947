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

    where {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

ways as (

    select
        *,
        case
            when next_upgrade_date <= coalesce(review_date, next_upgrade_date) then next_upgrade_date
            else review_date
        end as next_date

    from steps

),

first_days as (

    select
        customer_id,
        min(point_date) as first_date

    from ways

    group by customer_id

),

states as (

    select
        ways.customer_id,
        ways.point_date,
        ways.place,
        1 as previous_place,
        ways.rolling_amount,
        ways.review_date,
        ways.next_date

    from ways

    inner join first_days
        on
            ways.customer_id = first_days.customer_id
            and ways.point_date = first_days.first_date

    where ways.place = ways.reached_place

    union all

    select
        arrived.customer_id,
        arrived.point_date,
        arrived.place,
        states.place as previous_place,
        arrived.rolling_amount,
        arrived.review_date,
        arrived.next_date

    from states

    inner join ways as reviewed
        on
            states.customer_id = reviewed.customer_id
            and states.next_date = reviewed.point_date
            and states.place = reviewed.place

    inner join ways as arrived
        on
            reviewed.customer_id = arrived.customer_id
            and reviewed.point_date = arrived.point_date
            and reviewed.place_after_review = arrived.place

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
