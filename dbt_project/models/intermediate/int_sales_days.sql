{%- set key = ['order_date', 'sku', 'store_id'] -%}
{{ config(
    materialized='incremental', incremental_strategy='added_up', unique_key=['order_date', 'sku', 'store_id'],
    indexes=[{'columns': ['order_date', 'sku', 'store_id'], 'unique': true}], meta={'sums_of': 'fct_order_lines'},
) }}

with

rows_or_changes as (

    {{ rows_or_changes('fct_order_lines') }}

),

sold as (

    select
        order_date,
        cast(sum(weight) as bigint) as order_lines,
        coalesce(sku, 'none') as sku,
        coalesce(store_id, 'none') as store_id,
        sum(weight * net_amount) as net_amount

    from rows_or_changes

    where is_revenue

    group by
        order_date,
        coalesce(sku, 'none'),
        coalesce(store_id, 'none')

),

with_last as (

    select
        order_date,
        sku,
        store_id,
        order_lines,
        net_amount
    from sold
    {{ last_sums('sold', key, ['order_lines', 'net_amount']) }}

),

final as (

    select
        order_date,
        sku,
        store_id,
        cast(sum(order_lines) as bigint) as order_lines,
        {{ without_trailing_zeros('sum(net_amount)') }} as net_amount

    from with_last

    group by
        order_date,
        sku,
        store_id

)

select * from final
