with

customers as (

    select * from {{ ref('int_touched_standings') }}

),

orders as (

    select * from {{ ref('int_touched_orders') }}

),

final as (

    select
        customer_id,
        cast(null as text) as order_id,
        {{ kpi_buyer('customer_id', 'null') }} as buyer_id
    from customers
    union all
    select
        cast(null as text) as customer_id,
        order_id,
        {{ kpi_buyer('null', 'order_id') }} as buyer_id
    from orders

)

select * from final
