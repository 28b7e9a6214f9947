-- Lines whose order is missing count nowhere in the revenue; they are a loss that somebody must look at.
{{ config(severity='warn') }}

select order_line_id

from {{ ref('int_order_lines_without_order') }}
