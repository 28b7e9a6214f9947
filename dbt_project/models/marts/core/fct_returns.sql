with

returns as (

    select * from {{ ref('int_returns_with_orders') }}

),

exchange_rates as (

    select * from {{ ref('int_exchange_rates') }}

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
        returns.reason,
        returns.is_revenue,
        returns.currency,
        exchange_rates.rate as exchange_rate,
        returns.amount as original_amount,
        returns.unit_price * exchange_rates.rate as unit_price,
        coalesce(returns.amount * exchange_rates.rate, 0) as amount,
        returns.amount is not null and exchange_rates.rate is not null as is_amount_known

    from returns

    left join exchange_rates
        on
            returns.currency = exchange_rates.currency
            and returns.rate_date >= exchange_rates.valid_from
            and (exchange_rates.valid_before is null or returns.rate_date < exchange_rates.valid_before)

)

select * from final
