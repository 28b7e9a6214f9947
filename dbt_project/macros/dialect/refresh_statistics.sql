{#-
  Tell the planner what is in a table that was just written: the next model of the same night reads it at once. Not of rows
  that were made by touched keys: they are few, looking at the table takes as long as making them, and the server looks by
  itself when a tenth is new.
-#}
{% macro refresh_statistics(relation) -%}
    {{ return(adapter.dispatch('refresh_statistics', 'customer_warehouse')(relation)) }}
{%- endmacro %}

{% macro postgres__refresh_statistics(relation) -%}
    {%- if config.get('materialized') != 'view' and not (is_made_by_touched_keys() and is_incremental()) -%}
        analyze {{ relation }}
    {%- endif -%}
{%- endmacro %}
