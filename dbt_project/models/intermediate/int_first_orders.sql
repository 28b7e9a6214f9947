{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id'], 'unique': true}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with

orders as (

    select * from {{ ref('fct_orders') }}

    where
        customer_id is not null
        and is_revenue
        and {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

numbered as (

    select
        *,
        row_number() over (partition by customer_id order by ordered_at, order_id) as place

    from orders

),

final as (

    select
        customer_id,
        order_id,
        ordered_at,
        order_date,
        net_amount

    from numbered

    where place = 1

)

select * from final
