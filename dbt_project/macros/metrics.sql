{#-
  The metrics, defined once: by mart, the numerator and denominator of every ratio that it has. Both are sums or counts of
  the row's own period and member, so no ratio is ever an average of ratios. The marts take their columns from here, and
  mart `metrics` says them beside the words and units of the marts' twins.
-#}
{% macro kpi_ratios() -%}
    {{ return({
        'kpi_sales': {
            'customers_growth': ['customers - previous_customers', 'previous_customers'],
            'net_revenue_growth': ['net_revenue - previous_net_revenue', 'previous_net_revenue'],
            'new_customer_share': ['new_customers', 'customers'],
            'repurchase_rate': ['repeat_customers', 'customers'],
            'returning_rate': ['customers - new_customers', 'customers'],
            'retention_rate': ['retained_customers', 'previous_customers'],
            'churn_rate': ['lost_customers', 'previous_kept_customers'],
            'purchase_frequency': ['identified_orders', 'customers'],
            'average_order_value': ['gross_revenue', 'orders'],
            'return_rate': ['returns_amount', 'gross_revenue'],
            'loyal_revenue_share': ['loyal_revenue', 'gross_revenue'],
            'clv_realised': ['net_revenue_of_customers_to_date', 'customers_to_date'],
        },
        'kpi_service': {
            'complaint_rate': ['complaints', 'orders'],
            'suggestion_adoption_rate': ['adopted_suggestions', 'decided_suggestions'],
            'first_response_business_hours': ['first_response_business_hours', 'answered_cases'],
            'resolution_business_hours': ['resolution_business_hours', 'timed_resolutions'],
            'on_time_rate': ['cases_in_time', 'cases_with_target'],
            'reopened_rate': ['reopened_cases', 'resolved_cases'],
            'one_touch_rate': ['one_touch_cases', 'resolved_cases'],
            'satisfaction': ['ratings', 'rated_cases'],
        },
        'kpi_feedback': {
            'interaction_frequency': ['interactions', 'active_customers'],
            'csat': ['csat_points', 'csat_answers'],
            'nps': ['100 * (nps_promoters - nps_detractors)', 'nps_answers'],
        },
    }) }}
{%- endmacro %}

{#-
  The columns of a mart's ratios; null where there is nothing to divide by. Where customers move between members, what those
  of one period did in another one is nothing that a member did: these two are null there.
-#}
{% macro kpi_ratio_columns(mart) -%}
    {%- set moving = var('kpi_dimensions') | selectattr('of', 'equalto', 'moves') | map(attribute='name') | list %}
    {%- for name, parts in kpi_ratios()[mart].items() %}
        {%- if moving and mart == 'kpi_sales' and name in ['retention_rate', 'clv_realised'] %}
        case
            when dimension not in ('{{ moving | join("', '") }}')
                then cast({{ parts[0] }} as numeric) / nullif({{ parts[1] }}, 0)
        end as {{ name }},
        {%- else %}
        cast({{ parts[0] }} as numeric) / nullif({{ parts[1] }}, 0) as {{ name }},
        {%- endif %}
    {%- endfor %}
{%- endmacro %}

{#- One row per ratio: its mart, its name, and what is divided by what. -#}
{% macro metric_rows() -%}
    {%- for mart, ratios in kpi_ratios().items() %}
    {%- set outer = loop %}
    {%- for name, parts in ratios.items() %}
    select
        cast('{{ mart }}' as text) as mart,
        cast('{{ name }}' as text) as metric,
        cast('{{ parts[0] }}' as text) as numerator,
        cast('{{ parts[1] }}' as text) as denominator
    {% if not (loop.last and outer.last) %}union all{% endif %}
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{#- The metrics of kpi_sales that a target may be set for: every ratio, and the sums that a business plans. -#}
{% macro kpi_targetable() -%}
    {{ return(
        ['customers', 'new_customers', 'active_customers', 'orders', 'gross_revenue', 'net_revenue']
        + (kpi_ratios().kpi_sales.keys() | list)
    ) }}
{%- endmacro %}

{#- The value of the metric that a column names, of a row of `relation`; null for a name that is none. -#}
{% macro kpi_value_of(metric, relation) -%}
    case {{ metric }}
        {%- for name in kpi_targetable() %}
        when '{{ name }}' then cast({{ relation }}.{{ name }} as numeric)
        {%- endfor %}
    end
{%- endmacro %}
