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

{#- The first day on which a customer is lost who bought last on that date: lost_customer_months are over. -#}
{% macro lost_from(date_column) -%}
    {%- set months = var('lost_customer_months') -%}
    {#- Months differ in length: of 31 August both 28 February + 1 day and 1 September + 6 months must be over. -#}
    cast(
        greatest(
            {{ days_after(dbt.dateadd("month", months, date_column), 1) }},
            {{ dbt.dateadd("month", months, days_after(date_column, 1)) }}
        ) as date
    )
{%- endmacro %}

{#- The same day so many months later, the last day of a month that is too short for it. -#}
{% macro months_after(date_column, months) -%}
    cast({{ dbt.dateadd("month", months, date_column) }} as date)
{%- endmacro %}

{#- The last day of the day, week or month (`grain`, a column) that begins on a date. -#}
{% macro last_day_of(grain, period_start) -%}
    case {{ grain }}
        when 'day' then {{ period_start }}
        when 'week' then {{ days_after(period_start, 6) }}
        when 'month' then {{ days_after(months_after(period_start, 1), -1) }}
    end
{%- endmacro %}

{#- The first day of the day, week or month before the one that begins on a date. -#}
{% macro period_before(grain, period_start) -%}
    case {{ grain }}
        when 'day' then {{ days_after(period_start, -1) }}
        when 'week' then {{ days_after(period_start, -7) }}
        when 'month' then {{ months_after(period_start, -1) }}
    end
{%- endmacro %}

{#- Whole calendar months from one date to a later one, by their months alone. -#}
{% macro months_between(first_date, second_date) -%}
    cast({{ dbt.datediff(first_date, second_date, "month") }} as integer)
{%- endmacro %}

{#- The moment `hours` hours after another; `hours` may be a column. -#}
{% macro hours_after(moment, hours) -%}
    {{ dbt.dateadd("hour", hours, moment) }}
{%- endmacro %}

{#- The business day of a night whose end is a moment: midnight belongs to the day before. -#}
{% macro night_that_ended(as_of) -%}
    {{ business_date('(' ~ dbt.dateadd('second', -1, as_of) ~ ')') }}
{%- endmacro %}

{#- The earlier of two dates; of one that is not known and one that is, the one that is. -#}
{% macro earlier_of(first_date, second_date) -%}
    case when {{ first_date }} < {{ second_date }} then {{ first_date }} else coalesce({{ second_date }}, {{ first_date }}) end
{%- endmacro %}

{#- A condition: what holds from `first_date` until the day before `next_date` (null: for good) holds on the night. -#}
{% macro is_in_force(first_date, next_date) -%}
    ({{ first_date }} <= {{ night() }} and ({{ next_date }} is null or {{ next_date }} > {{ night() }}))
{%- endmacro %}

{#- A day that is over by the night; null for one that is not. -#}
{% macro if_over(date_column) -%}
    case when {{ date_column }} < {{ night() }} then {{ date_column }} end
{%- endmacro %}
