{#- The condition is true of every row; a row for which it is unknown does not hold either. -#}
{% test holds(model, condition) %}
    select 1 as broken
    from {{ model }}
    where not coalesce({{ condition }}, false)
{% endtest %}
