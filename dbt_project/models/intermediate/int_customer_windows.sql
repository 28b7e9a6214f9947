{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id'], 'unique': true}],
    meta={'touched_keys': 'int_touched_standings'},
) }}

{%- set rfm_first_day = days_before_night(var('rfm_window_days') | int - 1) %}

with

moneys as (

    select * from {{ ref('int_customer_moneys') }}

    where {{ is_touched('int_touched_standings', ['customer_id']) }}

),

final as (

    select
        customer_id,
        {{ window_columns() }},
        count(case when is_order and happened_on >= {{ rfm_first_day }} then 1 end) as rfm_order_count,
        coalesce(sum(case when happened_on >= {{ rfm_first_day }} then amount end), 0) as rfm_net_revenue

    from moneys

    group by customer_id

)

select * from final
