{#-
  The key figures, defined once: every mart of them takes its ratios from here. Each is a numerator over a denominator,
  both sums or counts of its own period and member, so no ratio is ever an average of ratios.
-#}
{% macro kpi_ratios() -%}
    {{ return({
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
    }) }}
{%- endmacro %}

{#- What is added up over the days of a period, by the model that has it; those of `counted` once for each grain. -#}
{% macro kpi_measures() -%}
    {{ return({
        'order_days': [
            'orders', 'units', 'gross_revenue', 'identified_orders', 'identified_revenue', 'loyal_revenue',
            'new_customers', 'activated', 'won_back',
        ],
        'counted': ['customers', 'repeat_customers', 'retained_customers'],
        'reversal_days': [
            'cancelled_orders', 'return_lines', 'returned_units', 'returns_amount', 'identified_returns_amount',
        ],
        'departures': ['deactivated', 'lost'],
    }) }}
{%- endmacro %}

{#- Money and units are numeric, all else is counted. -#}
{% macro kpi_type(measure) -%}
    {{ return('numeric' if measure.endswith(('units', 'revenue', 'amount')) else 'bigint') }}
{%- endmacro %}

{#- Each of them, 0 on a day without any. -#}
{% macro kpi_zeroed_columns() -%}
    {%- set measures = kpi_measures() %}
    {%- for model in ['order_days', 'reversal_days', 'departures'] %}
        {%- for measure in measures[model] %},
        coalesce({{ model }}.{{ measure }}, 0) as {{ measure }}
        {%- endfor %}
    {%- endfor %}
    {%- for grain in ['day', 'week', 'month'] %}
        {%- for measure in measures.counted %},
        coalesce(order_days.{{ measure }}_{{ grain }}, 0) as {{ measure }}_{{ grain }}
        {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{#- The sums of `days` by day, week and month: counts of customers each from the column of its own grain. -#}
{% macro kpi_period_sums() -%}
    {%- set measures = kpi_measures() %}
    {%- for grain in ['day', 'week', 'month'] %}
    select
        cast('{{ grain }}' as text) as grain,
        dimension,
        member,
        {{ first_day_of(grain, 'business_date') }} as period_start
        {%- for measure in measures.order_days + measures.reversal_days + measures.departures %},
        sum({{ measure }}) as {{ measure }}
        {%- endfor %}
        {%- for measure in measures.counted %},
        sum({{ measure }}_{{ grain }}) as {{ measure }}
        {%- endfor %}

    from days

    group by dimension, member, {{ first_day_of(grain, 'business_date') }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- Every day, week and month of `calendar_days` from the first day of each of the `members`. -#}
{% macro kpi_periods_without_gaps() -%}
    {%- for grain in ['day', 'week', 'month'] %}
    select distinct
        cast('{{ grain }}' as text) as grain,
        members.dimension,
        members.member,
        {{ first_day_of(grain, 'calendar_days.business_date') }} as period_start

    from members

    inner join calendar_days on members.first_date <= calendar_days.business_date
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- The columns of a period: its sums, and what stands at its end, which is everything up to it added up. -#}
{% macro kpi_period_columns() -%}
    {%- set measures = kpi_measures() %}
    {%- for measure in measures.order_days + measures.counted + measures.reversal_days + measures.departures %},
        cast(coalesce(summed.{{ measure }}, 0) as {{ kpi_type(measure) }}) as {{ measure }}
    {%- endfor %}
    {%- for name, change in {
        'active_customers': 'coalesce(summed.activated, 0) - coalesce(summed.deactivated, 0)',
        'kept_customers': 'coalesce(summed.new_customers, 0) + coalesce(summed.won_back, 0) - coalesce(summed.lost, 0)',
        'customers_to_date': 'coalesce(summed.new_customers, 0)',
    }.items() %},
        cast(sum({{ change }}) over up_to_now as bigint) as {{ name }}
    {%- endfor %},
        sum(coalesce(summed.identified_revenue, 0) - coalesce(summed.identified_returns_amount, 0)) over up_to_now
            as net_revenue_of_customers_to_date
{%- endmacro %}

{#- The columns of these ratios; null where there is nothing to divide by. -#}
{% macro kpi_ratio_columns(ratios) -%}
    {%- for name, parts in ratios.items() %}
        cast({{ parts[0] }} as numeric) / nullif({{ parts[1] }}, 0) as {{ name }},
    {%- endfor %}
{%- endmacro %}

{#-
  What orders add to their day, of the rows of `kpi_order_steps`. A customer is counted on its first order of a day, week
  or month, so the sum over that very period is the number of different customers, and no sum over shorter ones is taken.
-#}
{% macro kpi_order_sums() -%}
        count(*) as orders,
        sum(units) as units,
        sum(net_amount) as gross_revenue,
        count(customer_id) as identified_orders,
        coalesce(sum(case when customer_id is not null then net_amount end), 0) as identified_revenue,
        coalesce(sum(case when is_loyal then net_amount end), 0) as loyal_revenue,
        count(case when before_1 is null then customer_id end) as new_customers,
        count(case when coalesce(gap_before > {{ var('active_customer_days') }}, true) then customer_id end) as activated,
        count(case when coalesce(gap_after > {{ var('active_customer_days') }}, true) then customer_id end) as deactivated,
        count(case when coalesce(lost_from < next_date, true) then customer_id end) as lost,
        count(case when lost_before < order_date then customer_id end) as won_back
        {%- for grain in ['day', 'week', 'month'] %},
        count(case when coalesce(before_1 < {{ grain }}_start, true) then customer_id end) as customers_{{ grain }},
        count(case when before_1 >= {{ grain }}_start and coalesce(before_2 < {{ grain }}_start, true) then customer_id end)
            as repeat_customers_{{ grain }},
        count(case when before_1 < {{ grain }}_start and before_1 >= {{ grain }}_before then customer_id end)
            as retained_customers_{{ grain }}
        {%- endfor %}
{%- endmacro %}

{#-
  The rows of `orders` with the same customer's orders beside them: the dates of the two before and of the next one.
  `within` is a further column that customers are told apart by.
-#}
{% macro kpi_order_steps(within=none) -%}
    select
        steps.*,
        dates.day_start,
        dates.day_before,
        dates.week_start,
        dates.week_before,
        dates.month_start,
        dates.month_before,
        dates.lost_from,
        dates_before.lost_from as lost_before,
        {{ days_between('steps.before_1', 'steps.order_date') }} as gap_before,
        {{ days_between('steps.order_date', 'steps.next_date') }} as gap_after,
        steps.customer_id is not null
        and {{ days_between('steps.loyal_since', 'steps.order_date') }} <= {{ var('loyal_window_days') }} as is_loyal

    from (
        select
            *,
            lag(order_date) over buyer as before_1,
            lag(order_date, 2) over buyer as before_2,
            lag(order_date, {{ var('loyal_orders') - 1 }}) over buyer as loyal_since,
            lead(order_date) over buyer as next_date

        from orders

        window buyer as (partition by customer_id{{ ', ' ~ within if within }} order by order_date, order_id)
    ) as steps

    inner join dates on steps.order_date = dates.business_date

    left join dates as dates_before on steps.before_1 = dates_before.business_date
{%- endmacro %}

{#- The day's sums of `orders` for every dimension of kpi_dimensions, one after the other. -#}
{% macro kpi_order_days() -%}
    {%- for dimension in var('kpi_dimensions') %}
    select
        cast('{{ dimension.name }}' as text) as dimension,
        {{ dimension.column }} as member,
        order_date as business_date,
        {{ kpi_order_sums() }}

    from {% if dimension.of == 'orders' %}({{ kpi_order_steps(dimension.column) }}) as own_steps{% else %}steps{% endif %}

    group by {{ dimension.column }}, order_date
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- The same of `reversals`: orders that were cancelled and goods that came back. -#}
{% macro kpi_reversal_days() -%}
    {%- for dimension in var('kpi_dimensions') %}
    select
        cast('{{ dimension.name }}' as text) as dimension,
        {{ dimension.column }} as member,
        business_date
        {%- for measure in kpi_measures().reversal_days %},
        cast(sum({{ measure }}) as {{ kpi_type(measure) }}) as {{ measure }}
        {%- endfor %}

    from reversals

    group by {{ dimension.column }}, business_date
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- The names of the dimensions of which every customer is in one member, as text literals. -#}
{% macro kpi_dimensions_of_customers() -%}
    {%- for dimension in var('kpi_dimensions') if dimension.of == 'customers' -%}
    '{{ dimension.name }}'{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- The `periods` whose customers are not as many as different people have `orders` in them. -#}
{% macro kpi_recounted_customers() -%}
    {%- for dimension in var('kpi_dimensions') %}
    select
        periods.grain,
        periods.dimension,
        periods.member,
        periods.period_start

    from periods

    left join orders
        on
            periods.member = orders.{{ dimension.column }}
            and orders.order_date between periods.period_start and periods.period_end

    where periods.dimension = '{{ dimension.name }}'

    group by periods.grain, periods.dimension, periods.member, periods.period_start, periods.customers

    having periods.customers <> count(distinct orders.customer_id)
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- The metrics of kpi_sales that a target may be set for: every ratio, and the sums that a business plans. -#}
{% macro kpi_targetable() -%}
    {{ return(
        ['customers', 'new_customers', 'active_customers', 'orders', 'gross_revenue', 'net_revenue']
        + (kpi_ratios().keys() | list)
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
