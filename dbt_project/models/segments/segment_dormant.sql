with

customers as (

    select * from {{ source('marts', 'customer_360') }}

),

final as (

    select
        customer_id,
        'last purchase on ' || cast(last_purchase_date as text) as reason

    from customers

    where
        last_purchase_date <= {{ days_before_night(var('active_customer_days')) }}
        and last_purchase_date >= {{ months_before_night(var('lost_customer_months')) }}
        and {{ may_be_promoted_to('customer_id') }}

)

select * from final
