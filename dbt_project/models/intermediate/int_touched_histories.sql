-- A row of a history is another tonight when its customer was touched, or when it begins or ends between the nights.
with

nights as (
    {{ nights_since_builds() }}
),

outlooks as (

    select
        customer_id,
        valid_from,
        valid_to
    from {{ ref('int_rfm_outlook') }}
    union all
    select
        customer_id,
        valid_from,
        valid_to
    from {{ ref('int_lifecycle_outlook') }}
    union all
    select
        customer_id,
        valid_from,
        valid_to
    from {{ ref('int_membership_outlook') }}

),

flipped as (

    select outlooks.customer_id

    from outlooks

    inner join nights
        on
            (outlooks.valid_from > nights.first_night and outlooks.valid_from <= nights.last_night)
            or (outlooks.valid_to >= nights.first_night and outlooks.valid_to < nights.last_night)

),

final as (

    select customer_id from {{ ref('int_touched_buyers') }}
    union distinct
    select customer_id from flipped

)

select * from final
