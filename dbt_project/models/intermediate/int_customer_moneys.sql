{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with

orders as (

    select
        'order ' || order_id as money_id,
        customer_id,
        channel,
        true as is_order,
        net_amount as amount,
        case when order_date > {{ night() }} then {{ night() }} else order_date end as happened_on

    from {{ ref('fct_orders') }}

    where
        is_revenue
        and customer_id is not null
        and {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

returns as (

    select
        'return ' || return_id as money_id,
        customer_id,
        channel,
        false as is_order,
        -amount as amount,
        case when return_date > {{ night() }} then {{ night() }} else return_date end as happened_on

    from {{ ref('fct_returns') }}

    where
        is_revenue
        and customer_id is not null
        and {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

final as (

    select * from orders
    union all
    select * from returns

)

select * from final
