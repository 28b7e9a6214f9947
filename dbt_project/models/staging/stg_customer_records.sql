with

customer_records as (

    select * from {{ source('identity', 'customer_records') }}

),

final as (

    select
        source,
        source_key as customer_key,
        customer_id

    from customer_records

)

select * from final
