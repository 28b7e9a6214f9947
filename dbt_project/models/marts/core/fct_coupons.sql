{{ config(indexes=[{'columns': ['customer_id']}]) }}

with

coupons as (

    select * from {{ ref('stg_coupons') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

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

joined as (

    select
        coupons.*,
        orders.order_id as known_order_id,
        orders.customer_id as redeemed_by,
        coalesce(customer_records.customer_id, orders.customer_id) as customer_id,
        coalesce(
            coupons.currency, orders.currency, source_trust.currency, '{{ var("base_currency") }}'
        ) as coupon_currency,
        coalesce(orders.order_date, coupons.redeemed_date) as rate_date

    from coupons

    left join orders on coupons.order_id = orders.order_id

    left join customer_records
        on
            coupons.source = customer_records.source
            and coupons.customer_key = customer_records.customer_key

    left join source_trust on coupons.source = source_trust.source

),

final as (

    select
        joined.coupon_id,
        joined.source,
        joined.customer_id,
        joined.customer_key,
        joined.redeemed_by,
        joined.known_order_id as order_id,
        joined.code,
        joined.campaign,
        joined.issued_at,
        joined.expires_at,
        joined.redeemed_at,
        joined.redeemed_date,
        joined.coupon_currency as currency,
        exchange_rates.rate as exchange_rate,
        joined.discount_amount as original_discount_amount,
        coalesce(joined.discount_amount * exchange_rates.rate, 0) as discount_amount,
        case
            when joined.redeemed_at is not null or joined.known_order_id is not null then 'redeemed'
            when joined.expires_at <= {{ as_of() }} then 'expired'
            else 'open'
        end as status,
        coalesce(joined.redeemed_by <> joined.customer_id, false) as is_redeemed_by_another

    from joined

    left join exchange_rates
        on
            joined.coupon_currency = exchange_rates.currency
            and joined.rate_date >= exchange_rates.valid_from
            and (exchange_rates.valid_before is null or joined.rate_date < exchange_rates.valid_before)

)

select * from final
