{#-
  What the rows add up to, all together or in each group of `by`: every `of`, summed, `is` that. Says that nothing was lost
  or counted twice on the way from the facts.
-#}
{% test comes_to(model, sums, by=[]) %}
    select count(*) as row_count
    from {{ model }}
    {% if by %}group by {{ by | join(', ') }}{% endif %}
    having
        false
        {% for sum in sums %}or coalesce(sum({{ sum.of }}), 0) <> {{ sum.is }} {% endfor %}
{% endtest %}
