{#- The same exact number without the zeros at the end of its decimals. -#}
{% macro without_trailing_zeros(number) -%}
    {{ return(adapter.dispatch('without_trailing_zeros', 'customer_warehouse')(number)) }}
{%- endmacro %}

{% macro postgres__without_trailing_zeros(number) -%}
    trim_scale({{ number }})
{%- endmacro %}
