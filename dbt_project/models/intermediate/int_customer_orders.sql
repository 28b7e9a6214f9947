{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id'], 'unique': true}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with

orders as (

    select * from {{ ref('fct_orders') }}

),

final as (

    select
        customer_id,
        min(case when is_revenue then order_date end) as first_purchase_date,
        max(case when is_revenue then order_date end) as last_purchase_date,
        min(case when is_revenue and channel = 'online' then order_date end) as first_online_purchase_date,
        max(case when is_revenue and channel = 'online' then order_date end) as last_online_purchase_date,
        min(case when is_revenue and channel = 'store' then order_date end) as first_store_purchase_date,
        max(case when is_revenue and channel = 'store' then order_date end) as last_store_purchase_date,
        count(case when is_revenue then 1 end) as order_count,
        count(case when is_revenue and channel = 'online' then 1 end) as online_order_count,
        count(case when is_revenue and channel = 'store' then 1 end) as store_order_count,
        count(case when status = 'cancelled' then 1 end) as cancelled_order_count,
        coalesce(sum(case when is_revenue then net_amount end), 0) as gross_revenue

    from orders

    where
        customer_id is not null
        and {{ is_touched('int_touched_buyers', ['customer_id']) }}

    group by customer_id

)

select * from final
