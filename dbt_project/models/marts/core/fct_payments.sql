{{ config(indexes=[{'columns': ['customer_id']}]) }}

with

payments as (

    select * from {{ ref('stg_payments') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

source_channels as (

    select * from {{ ref('int_source_channels') }}

),

source_trust as (

    select * from {{ ref('stg_source_trust') }}

),

exchange_rates as (

    select * from {{ ref('int_exchange_rates') }}

),

with_orders as (

    select
        payments.*,
        orders.order_id as known_order_id,
        orders.customer_id,
        coalesce(
            orders.channel,
            case when payments.store_id is not null then 'store' end,
            source_channels.channel,
            'unknown'
        ) as channel,
        coalesce(payments.store_id, orders.store_id) as known_store_id,
        coalesce(orders.order_date, payments.payment_date) as rate_date,
        coalesce(
            payments.currency, orders.currency, source_trust.currency, '{{ var("base_currency") }}'
        ) as payment_currency,
        case
            when payments.status <> 'succeeded' then 0
            when payments.kind = 'payment' then 1
            when payments.kind in ('refund', 'chargeback') then -1
            else 0
        end as direction

    from payments

    left join orders on payments.order_id = orders.order_id

    left join source_channels on payments.source = source_channels.source

    left join source_trust on payments.source = source_trust.source

),

final as (

    select
        with_orders.payment_id,
        with_orders.source,
        with_orders.known_order_id as order_id,
        with_orders.order_key,
        with_orders.customer_id,
        with_orders.channel,
        with_orders.known_store_id as store_id,
        with_orders.kind,
        with_orders.status,
        with_orders.method,
        with_orders.paid_at,
        with_orders.payment_date,
        with_orders.payment_currency as currency,
        exchange_rates.rate as exchange_rate,
        with_orders.amount as original_amount,
        coalesce(with_orders.amount * exchange_rates.rate, 0) as amount,
        coalesce(with_orders.direction * with_orders.amount * exchange_rates.rate, 0) as net_amount

    from with_orders

    left join exchange_rates
        on
            with_orders.payment_currency = exchange_rates.currency
            and with_orders.rate_date >= exchange_rates.valid_from
            and (exchange_rates.valid_before is null or with_orders.rate_date < exchange_rates.valid_before)

)

select * from final
