with

nights as (

    {{ nights_since_builds() }}

),

buyers as (

    select * from {{ ref('int_touched_buyers') }}

),

moneys as (

    select * from {{ ref('int_customer_moneys') }}

),

outlook as (

    select * from {{ ref('int_membership_outlook') }}

),

intervals as (

    select * from {{ ref('int_purchase_intervals') }}

),

left_window as (

    select moneys.customer_id

    from moneys

    cross join nights

    where
        {%- for days in [30, 90, 365, var('membership_window_days') | int, var('rfm_window_days') | int] | unique %}
            {{ "or" if not loop.first }} (
                moneys.happened_on > {{ days_after('nights.first_night', -days) }}
                and moneys.happened_on <= {{ days_after('nights.last_night', -days) }}
            )
        {%- endfor %}

),

changed_level as (

    select outlook.customer_id

    from outlook

    cross join nights

    where
        (outlook.valid_from > nights.first_night and outlook.valid_from <= nights.last_night)
        or (outlook.valid_to >= nights.first_night and outlook.valid_to < nights.last_night)

),

overdue as (

    select intervals.customer_id

    from intervals

    cross join nights

    where
        intervals.expected_next_purchase_date
        >= {{ days_after('nights.first_night', -(var('potential_overdue_days') | int)) }}
        and intervals.expected_next_purchase_date
        < {{ days_after('nights.last_night', -(var('potential_overdue_days') | int)) }}

),

final as (

    select customer_id from buyers
    union distinct
    select customer_id from left_window
    union distinct
    select customer_id from changed_level
    union distinct
    select customer_id from overdue

)

select * from final
