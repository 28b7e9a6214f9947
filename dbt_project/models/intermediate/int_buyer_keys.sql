{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with

orders as (

    select * from {{ ref('fct_orders') }}

    where
        customer_key is not null
        and customer_id is not null
        and {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

returns as (

    select * from {{ ref('fct_returns') }}

    where
        customer_key is not null
        and customer_id is not null
        and {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

final as (

    select
        customer_id,
        source,
        customer_key
    from orders
    union distinct
    select
        customer_id,
        source,
        customer_key
    from returns

)

select * from final
