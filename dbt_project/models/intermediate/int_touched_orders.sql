with

touched_orders as (

    {{ touched('standardised.orders', 'source_key') }}

),

touched_lines as (

    {{ touched('standardised.order_lines', 'order_key') }}

),

touched_customers as (

    {{ touched('identity.customer_records', 'source_key') }}

),

orders as (

    select * from {{ ref('stg_orders') }}

),

keys as (

    select
        source,
        key as order_key
    from touched_orders
    union distinct
    select
        source,
        key as order_key
    from touched_lines
    union distinct
    select
        orders.source,
        orders.order_key
    from touched_customers
    inner join orders
        on
            touched_customers.source = orders.source
            and touched_customers.key = orders.customer_key

),

final as (

    select
        source,
        order_key,
        source || ':' || order_key as order_id

    from keys

)

select * from final
