with

orders as (

    select * from {{ ref('stg_orders') }}

),

final as (

    select
        order_number,
        min(order_id) as order_id

    from orders

    where order_number is not null

    group by order_number

    having count(*) = 1

)

select * from final
