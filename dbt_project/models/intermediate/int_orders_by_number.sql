with

orders as (

    select * from {{ ref('stg_orders') }}

),

asked_for as (

    select order_number from {{ ref('stg_cases') }}
    union distinct
    select order_number from {{ ref('stg_return_requests') }}

),

final as (

    select
        order_number,
        min(order_id) as order_id

    from orders

    where order_number in (select asked_for.order_number from asked_for)

    group by order_number

    having count(*) = 1

)

select * from final
