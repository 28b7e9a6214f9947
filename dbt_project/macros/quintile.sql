{#-
  A score of 1 to 5 by place in the order, lowest first, among the rows of `partition` (a column) or all. Equal values
  share a place and so a score, which NTILE would not give them.
-#}
{% macro quintile(ordering, partition=none) -%}
    {%- set among = "partition by " ~ partition if partition else "" -%}
    cast(
        1 + floor(5.0 * (rank() over ({{ among }} order by {{ ordering }}) - 1) / count(*) over ({{ among }})) as integer
    )
{%- endmacro %}
