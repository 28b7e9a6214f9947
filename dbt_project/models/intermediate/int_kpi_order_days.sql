{{ config(
    materialized='incremental', incremental_strategy='added_up', unique_key=['dimension', 'member', 'business_date'],
    meta={'sums_of': 'int_kpi_orders'},
) }}

with

rows_or_changes as (

    {{ rows_or_changes('int_kpi_orders') }}

),

orders as (

    select
        order_id,
        customer_id,
        order_date,
        channel,
        everything,
        store,
        region,
        value_tier,
        membership_level,
        rfm_segment,
        version,
        weight,
        weight * units as units,
        weight * net_amount as net_amount,
        case when customer_id is null then 0 else weight end as buyers

    from rows_or_changes

),

order_dates as (

    select distinct order_date as business_date from orders

),

dates as (

    {{ kpi_dates() }}

),

steps as (

    {{ kpi_order_steps() }}

),

combined as (

    {{ kpi_combined_days() }}

),

days as (

    {{ kpi_order_days() }}

),

-- An order with which a customer moved is also a row of the member that it left.
final as (

    {{ kpi_days_added_up() }}

)

select * from final
