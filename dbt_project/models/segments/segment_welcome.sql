with

customers as (

    select * from {{ source('marts', 'customer_360') }}

),

final as (

    select
        customer_id,
        'known for ' || {{ count_text('days_as_customer') }} || ' days' as reason

    from customers

    where
        days_as_customer < {{ var('welcome_days') }}
        and {{ may_be_promoted_to('customer_id') }}

)

select * from final
