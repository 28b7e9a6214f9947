{#- The end of the night, as a time: nothing that happened at or after it is known. -#}
{% macro as_of() -%}
    cast('{{ var("as_of") }}' as {{ timestamp_with_time_zone() }})
{%- endmacro %}

{#- The business day that the night brings in. -#}
{% macro night() -%}
    cast('{{ var("night") }}' as date)
{%- endmacro %}

{#- Whole days from one date to a later one. -#}
{% macro days_between(first_date, second_date) -%}
    {{ dbt.datediff(first_date, second_date, "day") }}
{%- endmacro %}

{#- The date `days` days before the night. -#}
{% macro days_before_night(days) -%}
    cast({{ dbt.dateadd("day", -(days | int), night()) }} as date)
{%- endmacro %}

{#- The date `months` calendar months before the night. -#}
{% macro months_before_night(months) -%}
    cast({{ dbt.dateadd("month", -(months | int), night()) }} as date)
{%- endmacro %}

{#- Whole days from a date to the night; 0 for a date that lies ahead of it. -#}
{% macro days_since(date_column) -%}
    case
        when {{ date_column }} > {{ night() }} then 0
        else {{ days_between(date_column, night()) }}
    end
{%- endmacro %}

{#- The date `days` days after another; `days` may be a column. -#}
{% macro days_after(date_column, days) -%}
    cast({{ dbt.dateadd("day", days, date_column) }} as date)
{%- endmacro %}
