{{ config(
    materialized='incremental', unique_key='order_id',
    indexes=[{'columns': ['order_id'], 'unique': true}, {'columns': ['customer_id']}, {'columns': ['order_date']}],
    meta={
        'touched_keys': 'int_touched_orders',
        'rebuilt_with': ['stg_source_trust', 'int_exchange_rates'],
        'notes': ['customer_id'],
    },
) }}

with

orders as (

    select * from {{ ref('stg_orders') }}

    where {{ is_touched('int_touched_orders', ['source', 'order_key']) }}

),

order_totals as (

    select * from {{ ref('int_order_totals') }}

),

customer_records as (

    select * from {{ ref('stg_customer_records') }}

),

source_trust as (

    select * from {{ ref('stg_source_trust') }}

),

exchange_rates as (

    select * from {{ ref('int_exchange_rates') }}

),

in_their_currency as (

    select
        orders.*,
        coalesce(orders.currency, source_trust.currency, '{{ var("base_currency") }}') as order_currency

    from orders

    left join source_trust on orders.source = source_trust.source

),

joined as (

    select
        orders.*,
        exchange_rates.rate as exchange_rate,
        customer_records.customer_id,
        coalesce(order_totals.line_count, 0) as line_count,
        coalesce(order_totals.units, 0) as units,
        coalesce(order_totals.gross_amount, 0) as gross_amount,
        coalesce(order_totals.line_discount_amount, 0) as line_discount_amount,
        coalesce(order_totals.net_amount, 0) - orders.order_discount_amount as merchandise_amount,
        orders.status <> 'cancelled' as is_revenue

    from in_their_currency as orders

    left join exchange_rates
        on
            orders.order_currency = exchange_rates.currency
            and orders.order_date >= exchange_rates.valid_from
            and (exchange_rates.valid_before is null or orders.order_date < exchange_rates.valid_before)

    left join order_totals on orders.order_id = order_totals.order_id

    left join customer_records
        on
            orders.source = customer_records.source
            and orders.customer_key = customer_records.customer_key

),

final as (

    select
        order_id,
        source,
        order_key,
        order_number,
        channel,
        store_id,
        customer_id,
        customer_key,
        ordered_at,
        order_date,
        status,
        order_currency as currency,
        exchange_rate,
        is_revenue,
        line_count,
        units,
        gross_amount * exchange_rate as gross_amount,
        line_discount_amount * exchange_rate as line_discount_amount,
        order_discount_amount * exchange_rate as order_discount_amount,
        merchandise_amount * exchange_rate as merchandise_amount,
        shipping_amount * exchange_rate as shipping_amount,
        total_amount * exchange_rate as total_amount,
        merchandise_amount + shipping_amount as original_net_amount,
        (merchandise_amount + shipping_amount) * exchange_rate as net_amount,
        (total_amount - merchandise_amount - shipping_amount) * exchange_rate as total_difference

    from joined

)

select * from final
