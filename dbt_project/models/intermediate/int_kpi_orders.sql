{{ config(
    materialized='incremental', unique_key='buyer_id', indexes=[{'columns': ['buyer_id']}],
    meta={
        'touched_keys': 'int_touched_kpi_buyers',
        'keeps_changes': [
            'order_id', 'customer_id', 'order_date', 'units', 'net_amount', 'channel', 'everything', 'store', 'region',
            'value_tier', 'membership_level', 'rfm_segment',
        ],
    },
) }}

with

of_customers as (

    select * from {{ ref('fct_orders') }}

    where
        is_revenue
        and customer_id is not null
        and {{ is_touched('int_touched_kpi_buyers', ['customer_id']) }}

),

of_nobody as (

    select * from {{ ref('fct_orders') }}

    where
        is_revenue
        and customer_id is null
        and {{ is_touched('int_touched_kpi_buyers', ['order_id']) }}

),

orders as (

    select * from of_customers
    union all
    select * from of_nobody

),

final as (

    select
        orders.order_id,
        orders.customer_id,
        orders.order_date,
        orders.units,
        orders.net_amount,
        orders.channel,
        'all' as everything,
        {{ kpi_buyer('orders.customer_id', 'orders.order_id') }} as buyer_id,
        coalesce(orders.store_id, 'none') as store,
        {{ kpi_member_columns('orders', 'orders.order_date') }}

    from orders

    {{ kpi_member_joins('orders', 'orders.order_date') }}

)

select * from final
