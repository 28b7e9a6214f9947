{#-
  What the rows add up to, all together or in each group of `by`: every `of`, summed, `is` that. Says that nothing was lost
  or counted twice on the way from the facts.
-#}
{% test comes_to(model, sums, by=[]) %}
    {%- set wrong = [] -%}
    {%- for sum in sums -%}
        {%- do wrong.append('coalesce(sum(' ~ sum.of ~ '), 0) <> ' ~ sum.is) -%}
    {%- endfor -%}

    select count(*) as row_count

    from {{ model }}

    {{ 'group by ' ~ by | join(', ') if by }}

    having {{ wrong | join(' or ') or 'false' }}
{% endtest %}
