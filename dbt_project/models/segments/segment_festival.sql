with

customers as (

    select * from {{ source('marts', 'customer_360') }}

),

final as (

    select
        customer_id,
        festival_due || ' on ' || cast(festival_date as text) as reason

    from customers

    where
        festival_due is not null
        and {{ may_be_promoted_to('customer_id') }}

)

select * from final
