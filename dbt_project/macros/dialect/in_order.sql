{#-
  Rows of one customer lie together, whoever writes them: all of them are made anew at once, and looking them up then reads a
  page or two and not one for each row. This is dbt's own subquery of a table with a contract, in that order.
-#}
{% macro postgres__get_select_subquery(sql) %}
    select {{ adapter.dispatch('get_column_names', 'dbt')() }}
    from (
        {{ sql }}
    ) as model_subq
    {{ in_order_of_unit() }}
{%- endmacro %}

{% macro in_order_of_unit() -%}
    {%- set unit = config.get('meta').get('touched_unit') or config.get('unique_key') -%}
    {%- if is_made_by_touched_keys() and unit in ['customer_id', 'buyer_id'] -%}
        order by {{ unit }}
    {%- endif -%}
{%- endmacro %}
