with

customers as (

    select * from {{ source('marts', 'customer_360') }}

),

final as (

    select
        customer_id,
        replenishment_sku || ' expected on ' || cast(replenishment_due_date as text) as reason

    from customers

    where
        replenishment_due_date is not null
        and {{ may_be_promoted_to('customer_id') }}

)

select * from final
