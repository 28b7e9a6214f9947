{#- The values of a group in one text, in this order, with a comma between; those that are null are left out. -#}
{% macro joined_text(value, ordering) -%}
    {{ dbt.listagg(value, "', '", "order by " ~ ordering) }}
{%- endmacro %}
