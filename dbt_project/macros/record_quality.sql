{#-
  What a record has for being fresh: all `points` when it changed on the night (`updated_date`), evenly less down to none
  after var stale_record_days or without a date; whole points.
-#}
{% macro freshness_points(updated_date, points) -%}
    cast(
        round(
            case
                when {{ days_since(updated_date) }} < {{ var('stale_record_days') }}
                    then
                        {{ points }} * ({{ var('stale_record_days') }} - {{ days_since(updated_date) }})
                        / cast({{ var('stale_record_days') }} as numeric)
                else 0
            end,
            0
        ) as bigint
    )
{%- endmacro %}
