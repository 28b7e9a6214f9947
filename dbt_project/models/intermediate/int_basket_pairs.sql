{{ config(
    materialized='incremental', unique_key='order_id', indexes=[{'columns': ['order_id']}],
    meta={'touched_keys': 'int_touched_orders'},
) }}

with

baskets as (

    select
        order_id,
        sku,
        min(order_date) as order_date

    from {{ ref('fct_order_lines') }}

    where
        is_revenue
        and sku is not null
        and quantity > 0
        and {{ is_touched('int_touched_orders', ['order_id']) }}

    group by
        order_id,
        sku

),

numbered as (

    select
        *,
        rank() over (partition by order_id order by sku) as place,
        count(*) over (partition by order_id) as product_count

    from baskets

),

products as (

    select * from numbered

    where product_count <= {{ var('affinity_most_products') }}

),

final as (

    select
        ones.order_id,
        ones.order_date,
        ones.sku,
        twos.sku as other_sku,
        ones.place = 1 and twos.place = 1 as is_first

    from products as ones

    inner join products as twos
        on
            ones.order_id = twos.order_id
            and ones.place <= twos.place

)

select * from final
