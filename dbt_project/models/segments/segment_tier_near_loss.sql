with

customers as (

    select * from {{ source('marts', 'customer_360') }}

),

final as (

    select
        customer_id,
        {{ count_text('ceiling(amount_to_keep_level)') }} || ' missing to stay ' || membership_level || ' on '
        || cast(membership_review_date as text) as reason

    from customers

    where
        amount_to_keep_level > 0
        and days_to_membership_review between 1 and {{ var('near_review_days') }}
        and {{ may_be_promoted_to('customer_id') }}

)

select * from final
