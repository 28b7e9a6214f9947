{{ config(
    materialized='incremental',
    unique_key='order_id',
    meta={'touched_keys': 'int_touched_orders'},
) }}

with

order_lines as (

    select * from {{ ref('stg_order_lines') }}

    where {{ is_touched('int_touched_orders', ['source', 'order_key']) }}

),

orders as (

    select * from {{ ref('stg_orders') }}

    where {{ is_touched('int_touched_orders', ['source', 'order_key']) }}

),

final as (

    select
        order_lines.order_line_id,
        order_lines.order_id,
        order_lines.source,
        order_lines.net_amount

    from order_lines

    left join orders on order_lines.order_id = orders.order_id

    where orders.order_id is null

)

select * from final
