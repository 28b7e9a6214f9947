with

customers as (

    select * from {{ source('identity', 'customers') }}

),

final as (

    select
        customer_id,
        first_seen_as_of

    from customers

)

select * from final
