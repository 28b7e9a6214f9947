{#- A query of one text that is the same as long as `this` is the same view, or a table with the same rows. -#}
{% macro state_of(type) -%}
    {{ return(adapter.dispatch('state_of', 'customer_warehouse')(type)) }}
{%- endmacro %}

{% macro postgres__state_of(type) -%}
    {%- if type == 'view' -%}
        select md5(pg_get_viewdef(cast('{{ this }}' as regclass)))
    {%- else -%}
        select md5(coalesce(string_agg(cast(kept as text), ' ' order by cast(kept as text)), '')) from {{ this }} as kept
    {%- endif -%}
{%- endmacro %}
