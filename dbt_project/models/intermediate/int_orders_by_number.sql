with

orders as (

    select * from {{ ref('stg_orders') }}

),

cases as (

    select * from {{ ref('stg_cases') }}

),

final as (

    select
        order_number,
        min(order_id) as order_id

    from orders

    where order_number in (select cases.order_number from cases)

    group by order_number

    having count(*) = 1

)

select * from final
