with

touched_owners as (

    {{ touched('identity.customer_records', 'customer_id') }}

),

touched_people as (

    {{ touched('standardised.orders', 'customer_key') }}

),

touched_orders as (

    select * from {{ ref('int_touched_orders') }}

),

customer_records as (

    select * from {{ ref('stg_customer_records') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

final as (

    select key as customer_id
    from touched_owners
    union distinct
    select customer_records.customer_id
    from touched_people
    inner join customer_records
        on
            touched_people.source = customer_records.source
            and touched_people.key = customer_records.customer_key
    union distinct
    select orders.customer_id
    from touched_orders
    inner join orders on touched_orders.order_id = orders.order_id
    where orders.customer_id is not null

)

select * from final
