{{ config(indexes=[{'columns': ['customer_id']}]) }}

with

carts as (

    select * from {{ ref('stg_carts') }}

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
        carts.*,
        orders.order_id as known_order_id,
        coalesce(orders.ordered_at, carts.completed_at) as ordered_at,
        coalesce(customer_records.customer_id, orders.customer_id) as customer_id,
        coalesce(carts.currency, source_trust.currency, '{{ var("base_currency") }}') as cart_currency,
        carts.started_date as rate_date

    from carts

    left join orders on carts.order_id = orders.order_id

    left join customer_records
        on
            carts.source = customer_records.source
            and carts.customer_key = customer_records.customer_key

    left join source_trust on carts.source = source_trust.source

),

final as (

    select
        joined.cart_id,
        joined.source,
        joined.customer_id,
        joined.customer_key,
        joined.known_order_id as order_id,
        joined.started_at,
        joined.started_date,
        joined.updated_at,
        joined.completed_at,
        joined.item_count,
        joined.cart_currency as currency,
        exchange_rates.rate as exchange_rate,
        joined.total_amount as original_amount,
        joined.total_amount * exchange_rates.rate as amount,
        case
            when joined.ordered_at is not null then 'ordered'
            when {{ hours_between('joined.updated_at', as_of()) }} >= {{ var('abandoned_cart_hours') }} then 'abandoned'
            else 'open'
        end as status,
        coalesce(
            {{ hours_between('joined.started_at', 'joined.ordered_at') }} >= {{ var('abandoned_cart_hours') }}, false
        ) as is_recovered

    from joined

    left join exchange_rates
        on
            joined.cart_currency = exchange_rates.currency
            and joined.rate_date >= exchange_rates.valid_from
            and (exchange_rates.valid_before is null or joined.rate_date < exchange_rates.valid_before)

)

select * from final
