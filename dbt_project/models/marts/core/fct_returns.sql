{{ config(indexes=[{'columns': ['customer_id']}]) }}

with

returns as (

    select * from {{ ref('int_returns_with_orders') }}

),

exchange_rates as (

    select * from {{ ref('int_exchange_rates') }}

),

requests as (

    select * from {{ ref('int_return_requests') }}

),

final as (

    select
        returns.return_id,
        returns.source,
        returns.order_id,
        returns.order_key,
        returns.order_line_id,
        returns.customer_id,
        returns.customer_key,
        returns.channel,
        returns.store_id,
        returns.sku,
        returns.returned_at,
        returns.return_date,
        returns.quantity,
        coalesce(returns.reason, requests.reason) as reason,
        returns.is_revenue,
        returns.currency,
        exchange_rates.rate as exchange_rate,
        returns.amount as original_amount,
        returns.unit_price * exchange_rates.rate as unit_price,
        coalesce(returns.amount * exchange_rates.rate, 0) as amount,
        returns.amount is not null and exchange_rates.rate is not null as is_amount_known,
        requests.return_request_id,
        requests.requested_by,
        requests.requested_at,
        {{ hours_between('requests.requested_at', 'requests.decided_at') }} as audit_hours,
        requests.carrier,
        requests.batch,
        case
            when returns.order_id is not null then {{ days_between('returns.rate_date', 'returns.return_date') }}
        end as days_from_order

    from returns

    left join requests on returns.return_id = requests.return_id

    left join exchange_rates
        on
            returns.currency = exchange_rates.currency
            and returns.rate_date >= exchange_rates.valid_from
            and (exchange_rates.valid_before is null or returns.rate_date < exchange_rates.valid_before)

)

select * from final
