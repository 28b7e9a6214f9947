with

customers as (

    select * from {{ source('marts', 'customer_360') }}

),

final as (

    select
        customer_id,
        'one order, ' || {{ count_text('days_since_first_purchase') }} || ' days ago' as reason

    from customers

    where
        order_count = 1
        and days_since_first_purchase >= {{ var('second_purchase_from_days') }}
        and days_since_first_purchase <= {{ var('second_purchase_until_days') }}
        and {{ may_be_promoted_to('customer_id') }}

)

select * from final
