{#-
  A row for each end of so many months (`rfm_review_months`) before the night, `review_date`: back to the last one before
  the history begins.
-#}
{% macro rfm_review_rows() -%}
    {%- set months = var('rfm_review_months') | int -%}
    {%- set dates = [] -%}
    {%- for end in month_ends((var('rfm_history_months') | int) + months + 1)
        if (end[5:7] | int) % months == 0 and end < var('night') -%}
        {%- do dates.append(end) -%}
    {%- endfor -%}
    {%- for date in dates %}
    select cast('{{ date }}' as date) as review_date
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}

{#-
  The value from which on each score of 2 to 5 is given, of scored rows: r_k is at most so many days, f_k and m_k at least
  so much. Null where nobody has so high a score, because too many values are equal.
-#}
{% macro rfm_cut_points() -%}
    {%- for score in range(2, 6) %}
    max(case when r_score >= {{ score }} then recency_days end) as r_{{ score }},
    min(case when f_score >= {{ score }} then frequency end) as f_{{ score }},
    min(case when m_score >= {{ score }} then monetary end) as m_{{ score }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- The names of those twelve columns. -#}
{% macro rfm_cut_point_columns(prefix="") -%}
    {%- for score in range(2, 6) %}
    {{ prefix }}r_{{ score }},
    {{ prefix }}f_{{ score }},
    {{ prefix }}m_{{ score }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- The twelve cut points that hold: those of the business's own where rfm_rules has some, else the quintiles'. -#}
{% macro rfm_own_cut_points() -%}
    {%- for score in range(2, 6) %}
    cast(coalesce(rules.own_r_{{ score }}, in_force.r_{{ score }}) as integer) as r_{{ score }},
    cast(coalesce(rules.own_f_{{ score }}, in_force.f_{{ score }}) as bigint) as f_{{ score }},
    coalesce(rules.own_m_{{ score }}, in_force.m_{{ score }}) as m_{{ score }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{#-
  A score that rises as soon as `value` reaches a cut point and falls only when it is worse by more than the margin, like
  a thermostat: in between it stays what it was. Each cut point is such a switch of its own, and the score counts those
  that are on. `worse` and `better` are the comparisons with a cut point (`>` and `<=` for days).
-#}
{% macro held_score(measure, value, better, worse, sign) -%}
    1
    {%- for score in range(2, 6) %}
    {%- set cut = measure ~ "_" ~ score %}
    + coalesce(max(
        case
            when {{ value }} {{ better }} {{ cut }} then 2 * point_number + 1
            when {{ cut }} is null or {{ value }} {{ worse }} {{ cut }} {{ sign }} {{ measure }}_margin * abs({{ cut }})
                then 2 * point_number
        end
    ) over (partition by customer_id order by point_date rows unbounded preceding) % 2, 0)
    {%- endfor %}
{%- endmacro %}

{#- The cut points of the batch that readers see; no row before any batch was published. -#}
{% macro published_rfm_cut_points() -%}
    {%- set is_published = load_relation(source('marts', 'rfm_cut_points')) if execute else none -%}
    {%- if is_published %}
    select * from {{ source('marts', 'rfm_cut_points') }}
    {%- else %}
    select
        cast(null as date) as review_date,
        cast(null as date) as valid_from,
        false as is_provisional,
        cast(null as integer) as window_days,
        cast(null as bigint) as order_count,
        cast(null as bigint) as customer_count,
        {%- for score in range(2, 6) %}
        cast(null as integer) as r_{{ score }},
        cast(null as bigint) as f_{{ score }},
        cast(null as numeric) as m_{{ score }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    {%- endif %}
{%- endmacro %}

{#- The margins and the business's own cut points, a column each. -#}
{% macro rfm_rule_columns() -%}
    {%- for measure, name in [('r', 'recency'), ('f', 'frequency'), ('m', 'monetary')] %}
    max(case when measure = '{{ name }}' then margin end) as {{ measure }}_margin,
    {%- for score in range(2, 6) %}
    max(case when measure = '{{ name }}' then cut_{{ score }} end) as own_{{ measure }}_{{ score }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- A row for each period and score of 2 to 5: how many days after a purchase the recency score falls below it. -#}
{% macro rfm_fall_rows(cut_points) -%}
    {%- for score in range(2, 6) %}
    select
        valid_from,
        valid_before,
        cast(floor(r_{{ score }} * (1 + r_margin)) as integer) + 1 as days_until
    from {{ cut_points }}
    where r_{{ score }} is not null
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}
