{#- The same sums of `cases` by day, week and month for every dimension of kpi_case_dimensions. -#}
{% macro kpi_case_periods() -%}
    {%- for dimension in var('kpi_case_dimensions') %}
    {%- set outer = loop %}
    {%- for grain in ['day', 'week', 'month'] %}
    select
        cast('{{ grain }}' as text) as grain,
        cast('{{ dimension.name }}' as text) as dimension,
        {{ dimension.column }} as member,
        {{ first_day_of(grain, 'opened_date') }} as period_start,
        count(*) as cases,
        count(distinct customer_id) as customers,
        count(case when kind = 'complaint' then 1 end) as complaints,
        count(case when kind = 'suggestion' then 1 end) as suggestions,
        count(case when kind = 'suggestion' then outcome end) as decided_suggestions,
        count(case when kind = 'suggestion' and outcome = 'adopted' then 1 end) as adopted_suggestions,
        count(resolved_at) as resolved_cases,
        count(first_response_business_hours) as answered_cases,
        coalesce(sum(first_response_business_hours), 0) as first_response_business_hours,
        coalesce(sum(resolution_business_hours), 0) as resolution_business_hours,
        count(resolution_business_hours) as timed_resolutions,
        count(case when is_sla_met then 1 end) as cases_in_time,
        count(is_sla_met) as cases_with_target,
        count(case when is_reopened then 1 end) as reopened_cases,
        count(case when is_one_touch then 1 end) as one_touch_cases,
        count(last_rating) as rated_cases,
        coalesce(sum(last_rating), 0) as ratings

    from cases

    group by {{ dimension.column }}, {{ first_day_of(grain, 'opened_date') }}
    {% if not (loop.last and outer.last) %}union all{% endif %}
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{#- The same of `contacts`, rows of one day each, for every dimension of kpi_contact_dimensions. -#}
{% macro kpi_contact_periods() -%}
    {%- for dimension in var('kpi_contact_dimensions') %}
    {%- set outer = loop %}
    {%- for grain in ['day', 'week', 'month'] %}
    select
        cast('{{ grain }}' as text) as grain,
        cast('{{ dimension.name }}' as text) as dimension,
        {{ dimension.column }} as member,
        {{ first_day_of(grain, 'business_date') }} as period_start
        {%- for measure in kpi_contact_measures() %},
        cast(sum({{ measure }}) as {{ 'numeric' if measure == 'csat_points' else 'bigint' }}) as {{ measure }}
        {%- endfor %}

    from contacts

    group by {{ dimension.column }}, {{ first_day_of(grain, 'business_date') }}
    {% if not (loop.last and outer.last) %}union all{% endif %}
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{#- What is counted of contacts. -#}
{% macro kpi_contact_measures() -%}
    {{ return(
        ['interactions', 'nps_answers', 'nps_promoters', 'nps_passives', 'nps_detractors', 'csat_answers', 'csat_points']
    ) }}
{%- endmacro %}

{#-
  The CTE `beside_sales`: the rows of `periods` with the day on which each period ends and the column `sales_column` of the
  same period's sales. These are of the same dimension and member where customers are split in the same way, else of all.
-#}
{% macro kpi_beside_sales(sales_column) -%}
beside_sales as (

    select
        periods.*,
        sales.{{ sales_column }},
        {{ last_day_of('periods.grain', 'periods.period_start') }} as period_end

    from periods

    left join {{ ref('int_kpi_periods') }} as sales
        on
            periods.grain = sales.grain
            and periods.period_start = sales.period_start
            {%- for column in ['dimension', 'member'] %}
            and sales.{{ column }} = case
                when periods.dimension in ({{ kpi_dimensions_of_customers() }}) then periods.{{ column }} else 'all'
            end
            {%- endfor %}

)
{%- endmacro %}

{#-
  One end of the interval in which the net promoter score lies with 95 % confidence, -100 to 100; null without an answer.
  Adjusted Wald, which held its promise best at small numbers in B. Rocks, Interval Estimation for the "Net Promoter
  Score", The American Statistician 70 (2016) 4: as if three more had answered, 3/4 promoters and 3/4 detractors.
-#}
{% macro kpi_nps_bound(sign) -%}
    {%- set difference = '(cast(nps_promoters - nps_detractors as numeric) / (nps_answers + 3))' -%}
    {%- set either = '((nps_promoters + nps_detractors + 1.5) / (nps_answers + 3))' -%}
    {{ 'greatest(-100' if sign == '-' else 'least(100' }}, round(
        100 * (
            {{ difference }} {{ sign }} 1.959964 * sqrt(({{ either }} - {{ difference }} * {{ difference }}) / (nps_answers + 3))
        ), 1
    ))
{%- endmacro %}
