with

customers as (

    select * from {{ source('marts', 'customer_360') }}

),

final as (

    select
        customer_id,
        {{ count_text('ceiling(amount_to_next_level)') }} || ' missing to ' || next_membership_level as reason

    from customers

    where
        amount_to_next_level > 0
        and membership_progress >= {{ var('near_upgrade_progress') }}
        and {{ may_be_promoted_to('customer_id') }}

)

select * from final
