{#- What every database says in words of its own about time. -#}
{% macro timestamp_with_time_zone() -%}
    {{ return(adapter.dispatch('timestamp_with_time_zone', 'customer_warehouse')()) }}
{%- endmacro %}

{% macro postgres__timestamp_with_time_zone() -%}
    timestamptz
{%- endmacro %}

{#- The business day of a moment: its date on the wall calendar of the business time zone. -#}
{% macro business_date(moment) -%}
    {{ return(adapter.dispatch('business_date', 'customer_warehouse')(moment)) }}
{%- endmacro %}

{% macro postgres__business_date(moment) -%}
    cast({{ moment }} at time zone '{{ var("business_time_zone") }}' as date)
{%- endmacro %}

{#- The hour, 0 to 23, that clocks of the business time zone show at a moment. -#}
{% macro business_hour(moment) -%}
    {{ return(adapter.dispatch('business_hour', 'customer_warehouse')(moment)) }}
{%- endmacro %}

{% macro postgres__business_hour(moment) -%}
    cast(extract(hour from {{ moment }} at time zone '{{ var("business_time_zone") }}') as integer)
{%- endmacro %}

{#- Hours between two moments, with the part of an hour as decimals. -#}
{% macro hours_between(first_moment, second_moment) -%}
    {{ return(adapter.dispatch('hours_between', 'customer_warehouse')(first_moment, second_moment)) }}
{%- endmacro %}

{% macro postgres__hours_between(first_moment, second_moment) -%}
    cast(extract(epoch from {{ second_moment }} - {{ first_moment }}) / 3600 as numeric)
{%- endmacro %}

{#- The first day of the `week` (Monday), `month`, `quarter` or `year` that a date is in. -#}
{% macro first_day_of(period, date_column) -%}
    {{ return(adapter.dispatch('first_day_of', 'customer_warehouse')(period, date_column)) }}
{%- endmacro %}

{% macro postgres__first_day_of(period, date_column) -%}
    cast(date_trunc('{{ period }}', cast({{ date_column }} as timestamp)) as date)
{%- endmacro %}

{#- A date's year, quarter, month, day, iso_year, iso_week or weekday (1 Monday to 7 Sunday), as a number. -#}
{% macro number_of(part, date_column) -%}
    {{ return(adapter.dispatch('number_of', 'customer_warehouse')(part, date_column)) }}
{%- endmacro %}

{% macro postgres__number_of(part, date_column) -%}
    {%- set names = {'iso_year': 'isoyear', 'iso_week': 'week', 'weekday': 'isodow'} -%}
    cast(extract({{ names.get(part, part) }} from {{ date_column }}) as integer)
{%- endmacro %}

{#- The moment at which clocks of the business time zone show this time on this date. -#}
{% macro moment_of(date_column, time_of_day) -%}
    {{ return(adapter.dispatch('moment_of', 'customer_warehouse')(date_column, time_of_day)) }}
{%- endmacro %}

{% macro postgres__moment_of(date_column, time_of_day) -%}
    ({{ date_column }} + {{ time_of_day }}) at time zone '{{ var("business_time_zone") }}'
{%- endmacro %}

{#- Seconds between two moments, exact. -#}
{% macro seconds_between(first_moment, second_moment) -%}
    {{ return(adapter.dispatch('seconds_between', 'customer_warehouse')(first_moment, second_moment)) }}
{%- endmacro %}

{% macro postgres__seconds_between(first_moment, second_moment) -%}
    cast(extract(epoch from {{ second_moment }} - {{ first_moment }}) as numeric)
{%- endmacro %}

{#- The date `days` days after another; `days` may be a column. -#}
{% macro days_after(date_column, days) -%}
    {{ return(adapter.dispatch('days_after', 'customer_warehouse')(date_column, days)) }}
{%- endmacro %}

{#- dbt's own way goes over timestamps and intervals: for tens of millions of rows that is seconds. -#}
{% macro postgres__days_after(date_column, days) -%}
    (cast({{ date_column }} as date) + cast({{ days }} as integer))
{%- endmacro %}
