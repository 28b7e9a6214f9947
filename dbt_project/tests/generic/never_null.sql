{#- Every row has a value in each of these columns. -#}
{% test never_null(model, columns) %}
    select 1 as broken
    from {{ model }}
    where {{ columns | join(' is null or ') }} is null
{% endtest %}
