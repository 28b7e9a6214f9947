with

customers as (

    select * from {{ source('marts', 'customer_360') }}

),

final as (

    select
        customer_id,
        'first purchase on ' || cast(first_purchase_date as text) as reason

    from customers

    where
        first_purchase_date > {{ days_before_night(var('new_customer_days')) }}
        and {{ may_be_promoted_to('customer_id') }}

)

select * from final
