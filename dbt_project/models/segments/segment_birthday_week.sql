with

customers as (

    select * from {{ source('marts', 'customer_360') }}

),

final as (

    select
        customer_id,
        'birthday within {{ var('birthday_notice_days') }} days' as reason

    from customers

    where
        has_birthday_soon
        and {{ may_be_promoted_to('customer_id') }}

)

select * from final
