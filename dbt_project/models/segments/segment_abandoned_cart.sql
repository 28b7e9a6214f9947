with

customers as (

    select * from {{ source('marts', 'customer_360') }}

),

final as (

    select
        customer_id,
        'cart left on ' || cast({{ business_date('abandoned_cart_at') }} as text) as reason

    from customers

    where
        {{ business_date('abandoned_cart_at') }} > {{ days_before_night(var('cart_reminder_days')) }}
        and (last_purchase_date is null or last_purchase_date < {{ business_date('abandoned_cart_at') }})
        and {{ may_be_promoted_to('customer_id') }}

)

select * from final
