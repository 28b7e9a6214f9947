{#- The last day of the last calendar month that is over on the night. -#}
{% macro last_month_end() -%}
    {{ days_after(first_day_of('month', days_after(night(), 1)), -1) }}
{%- endmacro %}

{#- The last day of the calendar month so many months before that one. -#}
{% macro month_end_before(months) -%}
    {{ days_after(months_after(first_day_of('month', days_after(night(), 1)), '-' ~ months), -1) }}
{%- endmacro %}

{#- The day on whose evening measures are taken: lost_customer_months before the last month end. -#}
{% macro measured_on() -%}
    {{ month_end_before(var('lost_customer_months')) }}
{%- endmacro %}

{#- Whether a date is in the year up to that day. -#}
{% macro is_in_year(date_column) -%}
    {{ date_column }} <= {{ measured_on() }}
    and {{ date_column }} > {{ days_after(measured_on(), -365) }}
{%- endmacro %}

{#- What may move with an outcome: columns of int_correlation_customers. -#}
{% macro correlation_measures() -%}
    {{ return([
        'recency_days', 'tenure_days', 'orders', 'net_revenue', 'average_order_value', 'return_rate', 'discount_share',
        'online_share', 'cases', 'complaints'
    ]) }}
{%- endmacro %}

{#- One row per customer of `customers` that is looked at and measure that it has. -#}
{% macro correlation_rows() -%}
    {%- for measure in correlation_measures() %}
    select
        '{{ measure }}' as measure,
        customer_id,
        place_by_chance,
        cast({{ measure }} as numeric) as value,
        repurchased,
        churned,
        csat

    from customers

    where
        {{ measure }} is not null
        and (place_by_chance <= {{ var('correlation_most_customers') }} or csat is not null)
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- The rank of a value among those of its measure, 1 for the least; equal values share the mean of their ranks. -#}
{% macro mean_rank(column) -%}
    rank() over (partition by measure order by {{ column }})
    + (count(*) over (partition by measure, {{ column }}) - 1) / 2.0
{%- endmacro %}

{#-
  One end of the interval in which the coefficient lies with 95 % confidence: Fisher's z with the variance of Spearman's
  coefficient by D. G. Bonett and T. A. Wright, Psychometrika 65 (2000) 1, (1 + r²/2) / (n - 3).
-#}
{% macro correlation_bound(sign) -%}
    {%- set z = 'ln((1 + coefficient) / (1 - coefficient)) / 2' -%}
    {%- set width = '1.959964 * sqrt((1 + coefficient * coefficient / 2) / (customers - 3))' -%}
    case
        when abs(coefficient) < 1 then round(cast(tanh({{ z }} {{ sign }} {{ width }}) as numeric), 6)
    end
{%- endmacro %}
