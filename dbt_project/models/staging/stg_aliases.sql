with

aliases as (

    select * from {{ source('identity', 'aliases') }}

),

final as (

    select
        customer_id as former_customer_id,
        survivor_id as customer_id,
        since

    from aliases

)

select * from final
