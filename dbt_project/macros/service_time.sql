{#- Seconds of one opening that have passed at a moment: none before it and all after it; none without an opening. -#}
{% macro seconds_of_opening(moment, opens_at, closes_at) -%}
    case
        when {{ moment }} >= {{ closes_at }} then {{ seconds_between(opens_at, closes_at) }}
        when {{ moment }} > {{ opens_at }} then {{ seconds_between(opens_at, moment) }}
        else 0
    end
{%- endmacro %}

{#-
  Seconds for which the service desk has been open until a moment, counted from the first day of `int_service_days`; `day`
  is the row of it with the moment's business day. The difference of two moments is the open time between them, whatever
  nights, weekends, holidays and changes of the clock lie between.
-#}
{% macro open_seconds_until(moment, day) -%}
    {{ day }}.open_seconds_before
    + {{ seconds_of_opening(moment, day ~ '.opens_at', day ~ '.closes_at') }}
    + {{ seconds_of_opening(moment, day ~ '.opens_again_at', day ~ '.closes_again_at') }}
{%- endmacro %}
