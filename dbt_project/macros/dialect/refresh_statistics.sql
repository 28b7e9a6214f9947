{#- Tell the planner what is in a table that was just written: the next model of the same night reads it at once. -#}
{% macro refresh_statistics(relation) -%}
    {{ return(adapter.dispatch('refresh_statistics', 'customer_warehouse')(relation)) }}
{%- endmacro %}

{% macro postgres__refresh_statistics(relation) -%}
    {%- if config.get('materialized') != 'view' -%}
        analyze {{ relation }}
    {%- endif -%}
{%- endmacro %}
