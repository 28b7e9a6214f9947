{#- The value below which this share of a group lies, between two neighbours in proportion; null without values. -#}
{% macro percentile(share, value) -%}
    {{ return(adapter.dispatch('percentile', 'customer_warehouse')(share, value)) }}
{%- endmacro %}

{% macro postgres__percentile(share, value) -%}
    cast(percentile_cont({{ share }}) within group (order by {{ value }}) as numeric)
{%- endmacro %}
