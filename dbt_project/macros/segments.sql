{#-
  A condition: nothing is promoted to whoever waits for service. Segments of purpose marketing end with it; sending asks
  once more (`excluded_from_promotion`).
-#}
{% macro may_be_promoted_to(customer_id) -%}
    {{ customer_id }} not in (select customer_id from {{ ref('segment_open_complaint') }})
        and {{ customer_id }} not in (select customer_id from {{ ref('segment_detractors') }})
{%- endmacro %}
