-- Amounts of another currency are never added up; until they are converted they are no revenue.
{{ config(severity='warn') }}

select order_id

from {{ ref('fct_orders') }}

where currency <> '{{ var("base_currency") }}'
