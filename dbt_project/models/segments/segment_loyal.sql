with

customers as (

    select * from {{ source('marts', 'customer_360') }}

),

final as (

    select
        customer_id,
        'loyal since ' || cast(lifecycle_since as text) as reason

    from customers

    where
        lifecycle_stage = 'loyal'
        and {{ may_be_promoted_to('customer_id') }}

)

select * from final
