with

touched_customers as (

    {{ touched('identity.customer_records', 'customer_id') }}

),

touched_records as (

    select * from {{ ref('int_touched_records') }}

),

customer_records as (

    select * from {{ ref('stg_customer_records') }}

),

final as (

    select key as customer_id
    from touched_customers
    union distinct
    select customer_records.customer_id
    from touched_records
    inner join customer_records
        on
            touched_records.source = customer_records.source
            and touched_records.customer_key = customer_records.customer_key

)

select * from final
