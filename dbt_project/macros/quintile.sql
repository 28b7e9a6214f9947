{#-
  A score of 1 to 5 by place in the order, lowest first. Equal values share a place and so a score, which NTILE would not
  give them.
-#}
{% macro quintile(ordering) -%}
    cast(1 + floor(5.0 * (rank() over (order by {{ ordering }}) - 1) / count(*) over ()) as integer)
{%- endmacro %}
