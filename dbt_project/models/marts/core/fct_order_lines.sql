{{ config(
    materialized='incremental',
    unique_key='order_id',
    indexes=[{'columns': ['order_id']}],
    meta={
        'touched_keys': 'int_touched_orders',
        'keeps_changes': ['order_date', 'sku', 'store_id', 'is_revenue', 'net_amount'],
    },
) }}

with

order_lines as (

    select * from {{ ref('stg_order_lines') }}

    where {{ is_touched('int_touched_orders', ['source', 'order_key']) }}

),

orders as (

    select * from {{ ref('fct_orders') }}

    where {{ is_touched('int_touched_orders', ['order_id']) }}

),

final as (

    select
        order_lines.order_line_id,
        order_lines.order_id,
        order_lines.source,
        order_lines.order_key,
        order_lines.line_number,
        order_lines.sku,
        order_lines.product_name,
        orders.channel,
        orders.store_id,
        orders.customer_id,
        orders.ordered_at,
        orders.order_date,
        orders.is_revenue,
        order_lines.quantity,
        orders.currency,
        order_lines.net_amount as original_net_amount,
        order_lines.unit_price * orders.exchange_rate as unit_price,
        order_lines.gross_amount * orders.exchange_rate as gross_amount,
        order_lines.discount_amount * orders.exchange_rate as discount_amount,
        order_lines.net_amount * orders.exchange_rate as net_amount

    from order_lines

    inner join orders on order_lines.order_id = orders.order_id

)

select * from final
