{#- The last `count` ends of calendar months up to and with the night, latest first, as text. -#}
{% macro month_ends(count) -%}
    {%- set night = modules.datetime.date.fromisoformat(var("night")) -%}
    {%- set after = (night + modules.datetime.timedelta(days=1)) -%}
    {%- set months = after.year * 12 + after.month - 1 -%}
    {%- set found = [] -%}
    {%- for back in range(count) -%}
        {%- set first = modules.datetime.date((months - back) // 12, (months - back) % 12 + 1, 1) -%}
        {%- do found.append((first - modules.datetime.timedelta(days=1)).isoformat()) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- A row for each of the last `count` ends of months up to and with the night: `month_end`, `previous_month_end`. -#}
{% macro month_end_rows(count) -%}
    {%- set ends = month_ends((count | int) + 1) -%}
    {%- for end in ends[:-1] %}
    select
        cast('{{ end }}' as date) as month_end,
        cast('{{ ends[loop.index] }}' as date) as previous_month_end
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- The last day of the calendar month of a date. -#}
{% macro month_end(date_column) -%}
    cast({{ dbt.last_day(date_column, "month") }} as date)
{%- endmacro %}
