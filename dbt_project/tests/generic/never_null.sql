{#- Every row has a value in each of these columns. -#}
{% test never_null(model, columns) %}
    select 1 as broken
    from {{ model }}
    where
        {% for column in columns -%}
        {{ 'or ' if not loop.first }}{{ column }} is null
        {% endfor %}
{% endtest %}
