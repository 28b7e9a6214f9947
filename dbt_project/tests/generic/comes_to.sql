{#-
  What the rows add up to, all together or in each group of `by`: every `of`, summed, `is` that. Says that nothing was lost
  or counted twice on the way from the facts.
-#}
{% test comes_to(model, sums, by=[]) %}
    select count(*) as row_count
    from {{ model }}
    {% if by %}group by {{ by | join(', ') }}{% endif %}
    having
        {% for sum in sums -%}
        coalesce(sum({{ sum.of }}), 0) <> {{ sum.is }}
        {% if not loop.last %}or {% endif %}
        {%- endfor %}
{% endtest %}
