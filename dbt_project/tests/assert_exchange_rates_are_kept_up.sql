-- A rate holds until the next one, however long that is; one older than two months was more likely forgotten.
{{ config(severity='warn') }}

select
    orders.currency,
    rates.valid_from

from {{ ref('fct_orders') }} as orders

inner join {{ ref('int_exchange_rates') }} as rates
    on
        orders.currency = rates.currency
        and orders.order_date >= rates.valid_from
        and (rates.valid_before is null or orders.order_date < rates.valid_before)

where
    orders.currency <> '{{ var("base_currency") }}'
    and {{ days_between('rates.valid_from', 'orders.order_date') }} > 62

group by
    orders.currency,
    rates.valid_from
