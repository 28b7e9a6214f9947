{#- A text that is the same as long as a small table has the same rows; read while the model is built. -#}
{% macro digest_of_rows(relation) -%}
    {{ return(adapter.dispatch('digest_of_rows', 'customer_warehouse')(relation)) }}
{%- endmacro %}

{% macro postgres__digest_of_rows(relation) -%}
    {%- set found = run_query(
        "select md5(coalesce(string_agg(cast(counted as text), ' ' order by cast(counted as text)), ''))"
        ~ " from " ~ relation ~ " as counted"
    ) -%}
    {{ return(found.columns[0].values()[0]) }}
{%- endmacro %}
