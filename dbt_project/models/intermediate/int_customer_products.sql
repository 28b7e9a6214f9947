{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with

order_lines as (

    select * from {{ ref('fct_order_lines') }}

    where
        is_revenue
        and customer_id is not null
        and sku is not null
        and quantity > 0
        and order_date > {{ days_before_night(var('rfm_window_days')) }}
        and {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

final as (

    select
        customer_id,
        sku,
        min(order_date) as first_bought_date,
        max(order_date) as last_bought_date,
        count(distinct order_date) as bought_days,
        sum(quantity) as units,
        sum(net_amount) as net_amount,
        rank() over (partition by customer_id order by max(order_date) desc, sku asc) as latest_rank

    from order_lines

    group by
        customer_id,
        sku

)

select * from final
