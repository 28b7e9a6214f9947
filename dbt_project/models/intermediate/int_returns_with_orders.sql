{{ config(
    materialized='incremental',
    unique_key='return_id',
    indexes=[{'columns': ['return_id'], 'unique': true}],
    meta={
        'touched_keys': 'int_touched_returns',
        'rebuilt_with': ['stg_source_trust', 'int_source_channels'],
        'notes': ['customer_id'],
    },
) }}

with

returns as (

    select * from {{ ref('stg_returns') }}

    where {{ is_touched('int_touched_returns', ['source', 'return_key']) }}

),

order_lines as (

    select * from {{ ref('stg_order_lines') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

customer_records as (

    select * from {{ ref('stg_customer_records') }}

),

source_channels as (

    select * from {{ ref('int_source_channels') }}

),

source_trust as (

    select * from {{ ref('stg_source_trust') }}

),

orders_without_currency as (

    select * from {{ ref('stg_orders_without_currency') }}

),

final as (

    select
        returns.return_id,
        returns.source,
        orders.order_id,
        returns.order_key,
        order_lines.order_line_id,
        returns.returned_at,
        returns.return_date,
        returns.quantity,
        returns.unit_price,
        returns.amount,
        returns.reason,
        coalesce(orders.customer_id, customer_records.customer_id) as customer_id,
        coalesce(orders.customer_key, returns.customer_key) as customer_key,
        coalesce(
            orders.channel,
            case when returns.store_id is not null then 'store' end,
            source_channels.channel,
            'unknown'
        ) as channel,
        coalesce(returns.store_id, orders.store_id) as store_id,
        coalesce(returns.sku, order_lines.sku) as sku,
        coalesce(orders.is_revenue, true) as is_revenue,
        coalesce(orders.order_date, returns.return_date) as rate_date,
        coalesce(
            returns.currency,
            orders.currency,
            -- A return of an order whose currency nobody could tell is in that currency, not in the source's.
            case
                when orders_without_currency.order_key is null
                    then coalesce(source_trust.currency, '{{ var("base_currency") }}')
            end
        ) as currency

    from returns

    left join order_lines
        on
            returns.source = order_lines.source
            and returns.order_line_key = order_lines.order_line_key

    left join orders on coalesce(returns.order_id, order_lines.order_id) = orders.order_id

    left join customer_records
        on
            returns.source = customer_records.source
            and returns.customer_key = customer_records.customer_key

    left join source_channels on returns.source = source_channels.source

    left join source_trust on returns.source = source_trust.source

    left join orders_without_currency
        on
            returns.source = orders_without_currency.source
            and returns.order_key = orders_without_currency.order_key

)

select * from final
