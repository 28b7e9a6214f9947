{#-
  The first value that is given among the rows of a group, in the order of `place`, which no two of them share; with
  `of`, another column of the row that has it.
-#}
{% macro first_given(column, key, place, of=none) -%}
    first_value({{ of or column }}) over (
        partition by {{ key }} order by case when {{ column }} is null then 1 else 0 end asc, {{ place }} asc
    )
{%- endmacro %}
