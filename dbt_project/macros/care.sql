{#- A condition: the date is one of the days that the care calendar looks at, from the day after the night on. -#}
{% macro is_ahead(date_column) -%}
    {{ date_column }} > {{ night() }}
    and {{ date_column }} <= {{ days_after(night(), var('care_calendar_days')) }}
{%- endmacro %}
