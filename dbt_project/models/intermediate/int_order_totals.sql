{{ config(
    materialized='incremental',
    unique_key='order_id',
    indexes=[{'columns': ['order_id'], 'unique': true}],
    meta={'touched_keys': 'int_touched_orders'},
) }}

with

order_lines as (

    select * from {{ ref('stg_order_lines') }}

    where {{ is_touched('int_touched_orders', ['source', 'order_key']) }}

),

final as (

    select
        order_id,
        count(*) as line_count,
        sum(quantity) as units,
        sum(gross_amount) as gross_amount,
        sum(discount_amount) as line_discount_amount,
        sum(net_amount) as net_amount

    from order_lines

    group by order_id

)

select * from final
