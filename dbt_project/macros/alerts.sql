{#-
  Rolling sums by object without a row for every day: what happens on a day is in the window from that day on, leaves it
  for the base `window_days` later, and leaves the base `base_days` after that. Between two such days nothing changes.

  Reads the CTEs `days` (object_id, on_date and the measures, one row per object and day) and `rule`; makes the CTEs
  `changes` and `rolling`: object_id, changes_on, and of each measure `recent_…` and `base_…` from that evening on.
-#}
{% macro rolling_windows(measures) -%}
changes as (

    {% for shift, recent, base in [
        ('0', 1, 0), ('rule.window_days', -1, 1), ('rule.window_days + rule.base_days', 0, -1)
    ] -%}
        select
            days.object_id,
            {{ days_after('days.on_date', shift) }} as changes_on
            {%- for measure in measures %},
            {{ recent }} * days.{{ measure }} as recent_{{ measure }},
            {{ base }} * days.{{ measure }} as base_{{ measure }}
            {%- endfor %}
        from days
        cross join rule
        where {{ days_after('days.on_date', shift) }} <= {{ night() }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

rolling as (

    select
        object_id,
        changes_on
        {%- for measure in measures %}{% for part in ['recent', 'base'] %},
        sum(sum({{ part }}_{{ measure }})) over (partition by object_id order by changes_on) as {{ part }}_{{ measure }}
        {%- endfor %}{% endfor %}

    from changes

    group by
        object_id,
        changes_on

)
{%- endmacro %}

{#- What an alert says when `part` of what a customer did, of the measure `of`, is too many and too large a share. -#}
{% macro share_alert_columns(part, of) -%}
        rule.rule,
        rolling.object_id,
        rolling.object_id as customer_id,
        rolling.changes_on,
        rolling.recent_{{ part }} >= rule.minimum_count
        and rolling.recent_{{ part }} >= rule.threshold * rolling.recent_{{ of }} as is_alert,
        cast(rolling.recent_{{ part }} as numeric) / nullif(rolling.recent_{{ of }}, 0) as value,
        cast(null as numeric) as base_value,
        cast(rolling.recent_{{ of }} as bigint) as sample_count
{%- endmacro %}

{#- The oldest day of facts that the windows of a rule can reach back to from the first evening that is looked at. -#}
{% macro first_day_of_rule() -%}
    {{ days_after(days_before_night(var('alert_history_days')), '- rule.window_days - rule.base_days') }}
{%- endmacro %}

{#- A ratio as per cent with one decimal. -#}
{% macro percent_text(ratio) -%}
    cast(round(100 * ({{ ratio }}), 1) as {{ dbt.type_string() }}) || ' %'
{%- endmacro %}

{#- A whole number in a sentence. -#}
{% macro count_text(number) -%}
    cast(cast({{ number }} as bigint) as {{ dbt.type_string() }})
{%- endmacro %}

{#- The alerts with what their rule says, for as long as anybody wants to know of one that has recovered. -#}
{% macro told_alerts() -%}
    select
        all_alerts.rule,
        all_alerts.object_id,
        all_alerts.customer_id,
        all_alerts.since,
        all_alerts.recovered_on,
        all_alerts.value,
        all_alerts.base_value,
        all_alerts.sample_count,
        all_alerts.evidence,
        rules.severity,
        rules.object_type,
        rules.threshold,
        rules.why,
        rules.what_to_do,
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        all_alerts.rule || ':' || all_alerts.object_id || ':' || cast(all_alerts.since as {{ dbt.type_string() }})
            as alert_id,
        case when all_alerts.recovered_on is null then 'open' else 'recovered' end as state,
        {{ as_of() }} as data_as_of

    from all_alerts

    inner join {{ ref('alert_rules') }} as rules on all_alerts.rule = rules.rule

    where
        all_alerts.recovered_on is null
        or all_alerts.recovered_on > {{ days_before_night(var('alert_history_days')) }}
{%- endmacro %}
