{#- What is added up over the days of a period, by the model that has it; those of `counted` once for each grain. -#}
{% macro kpi_measures() -%}
    {{ return({
        'order_days': [
            'orders', 'units', 'gross_revenue', 'identified_orders', 'identified_revenue', 'loyal_revenue',
            'new_customers', 'activated', 'won_back', 'customer_moves', 'kept_moves',
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

{#- The sums of `all_days` by day, week and month: counts of customers each from the column of its own grain. -#}
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

    from all_days

    group by dimension, member, {{ first_day_of(grain, 'business_date') }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- A row of zeros for every day of `calendar_days` from the first of each of the `members`: no period is left out. -#}
{% macro kpi_days_without_anything() -%}
    {%- set measures = kpi_measures() %}
    select
        members.dimension,
        members.member,
        calendar_days.business_date
        {%- for measure in measures.order_days + measures.reversal_days + measures.departures %},
        0 as {{ measure }}
        {%- endfor %}
        {%- for grain in ['day', 'week', 'month'] %}{% for measure in measures.counted %},
        0 as {{ measure }}_{{ grain }}
        {%- endfor %}{% endfor %}

    from members

    inner join calendar_days on members.first_date <= calendar_days.business_date
{%- endmacro %}

{#- The columns of a period: its sums, and what stands at its end, which is everything up to it added up. -#}
{% macro kpi_period_columns() -%}
    {%- set measures = kpi_measures() %}
    {%- for measure in measures.order_days + measures.counted + measures.reversal_days + measures.departures %},
        cast({{ measure }} as {{ kpi_type(measure) }}) as {{ measure }}
    {%- endfor %}
    {%- for name, change in {
        'active_customers': 'activated - deactivated',
        'kept_customers': 'new_customers + won_back - lost'
            ~ ' + kept_moves',
        'customers_to_date': 'new_customers + customer_moves',
    }.items() %},
        cast(sum({{ change }}) over up_to_now as bigint) as {{ name }}
    {%- endfor %},
        sum(identified_revenue - identified_returns_amount) over up_to_now
            as net_revenue_of_customers_to_date
{%- endmacro %}

{#- Whose orders are looked at together: a customer's, or an order alone that nobody is known for. -#}
{% macro kpi_buyer(customer_id, order_id) -%}
    coalesce({{ customer_id }}, 'order ' || {{ order_id }})
{%- endmacro %}

{#- The days of `order_dates` with the days that the key figures compare them with. -#}
{% macro kpi_dates() -%}
    select
        business_date,
        business_date as day_start,
        {{ days_after('business_date', -1) }} as day_before,
        {{ first_day_of('week', 'business_date') }} as week_start,
        {{ days_after(first_day_of('week', 'business_date'), -7) }} as week_before,
        {{ first_day_of('month', 'business_date') }} as month_start,
        {{ months_after(first_day_of('month', 'business_date'), -1) }} as month_before,
        {{ lost_from('business_date') }} as lost_from
    from order_dates
{%- endmacro %}

{#-
  What orders add to their day, of the rows of `kpi_order_steps`. A customer is counted on its first order of a day, week
  or month, so the sum over that very period is the number of different customers, and no sum over shorter ones is taken.
-#}
{% macro kpi_order_sums() -%}
        sum(weight) as orders,
        sum(units) as units,
        sum(net_amount) as gross_revenue,
        sum(buyers) as identified_orders,
        coalesce(sum(case when customer_id is not null then net_amount end), 0) as identified_revenue,
        coalesce(sum(case when is_loyal then net_amount end), 0) as loyal_revenue,
        sum(case when before_1 is null then buyers else 0 end) as new_customers,
        sum(case when coalesce(gap_before > {{ var('active_customer_days') }}, true) then buyers else 0 end) as activated,
        sum(case when coalesce(gap_after > {{ var('active_customer_days') }}, true) then buyers else 0 end) as deactivated,
        sum(case when coalesce(lost_from < next_date, true) then buyers else 0 end) as lost,
        sum(case when lost_before < order_date then buyers else 0 end) as won_back
        {%- for grain in ['day', 'week', 'month'] %},
        sum(case when coalesce(before_1 < {{ grain }}_start, true) then buyers else 0 end) as customers_{{ grain }},
        sum(case when before_1 >= {{ grain }}_start and coalesce(before_2 < {{ grain }}_start, true) then buyers else 0 end)
            as repeat_customers_{{ grain }},
        sum(case when before_1 < {{ grain }}_start and before_1 >= {{ grain }}_before then buyers else 0 end)
            as retained_customers_{{ grain }}
        {%- endfor %}
{%- endmacro %}

{#- The columns of the dimensions in which a customer is in one member at a time, and the members it comes from. -#}
{% macro kpi_member_keys() -%}
    {%- for dimension in var('kpi_dimensions') if dimension.of != 'orders' %}
        {{ dimension.column }},
        {%- if dimension.of == 'moves' %}
        before_{{ dimension.column }},
        {%- endif %}
    {%- endfor %}
        order_date
{%- endmacro %}

{#-
  The same added up over all of them at once, so that each of these dimensions need not read every order; with the orders
  of customers who had bought before, and were still active or not lost then.
-#}
{% macro kpi_combined_days() -%}
    select
        {{ kpi_member_keys() }},
        {{ kpi_order_sums() }},
        sum(case when before_1 is not null then buyers else 0 end) as known_before,
        sum(case when gap_before <= {{ var('active_customer_days') }} then buyers else 0 end) as active_before,
        sum(case when lost_before >= order_date then buyers else 0 end) as kept_before

    from steps

    group by
        {{ kpi_member_keys() }}
{%- endmacro %}

{#-
  The day's sums of `combined` for one dimension. Where customers move between members, one is in the member of its last
  order: an order with which it moved also makes it active and kept there, and is in `left` what the member loses that it
  comes from. A customer's second order of a period counts as a repeat where the first one was.
-#}
{% macro kpi_combined_sums(dimension, left=false) -%}
    {%- set moved = 'coalesce(before_' ~ dimension.column ~ ' <> ' ~ dimension.column ~ ', false)' %}
    {%- set moves = {'activated': 'active_before', 'customer_moves': 'known_before', 'kept_moves': 'kept_before'} %}
    select
        cast('{{ dimension.name }}' as text) as dimension,
        {{ 'before_' if left }}{{ dimension.column }} as member,
        order_date as business_date
        {%- for measure in kpi_measures().order_days + ['deactivated', 'lost'] %}
        {%- set own = 0 if left or measure.endswith('moves') else measure %}
        {%- set change = moves.get(measure) if dimension.of == 'moves' %},
        {%- if change and left %}
        -sum({{ change }}) as {{ measure }}
        {%- elif change %}
        sum({{ own }} + case when {{ moved }} then {{ change }} else 0 end) as {{ measure }}
        {%- else %}
        sum({{ own }}) as {{ measure }}
        {%- endif %}
        {%- endfor %}
        {%- for grain in ['day', 'week', 'month'] %}{% for measure in kpi_measures().counted %},
        {%- if measure == 'repeat_customers' and dimension.of == 'moves' and not left %}
        sum(case when {{ moved }} then 0 else {{ measure }}_{{ grain }} end) as {{ measure }}_{{ grain }}
        {%- else %}
        sum({{ 0 if left and measure != 'repeat_customers' else measure ~ '_' ~ grain }}) as {{ measure }}_{{ grain }}
        {%- endif %}
        {%- endfor %}{% endfor %}

    from combined
    {% if left %}
    where {{ moved }}
    {% endif %}
    group by {{ 'before_' if left }}{{ dimension.column }}, order_date
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
            {%- for dimension in var('kpi_dimensions') if dimension.of == 'moves' and not within %},
            lag({{ dimension.column }}) over buyer as before_{{ dimension.column }}
            {%- endfor %}

        from orders

        window buyer as (partition by version, customer_id{{ ', ' ~ within if within }} order by order_date, order_id)
    ) as steps

    inner join dates on steps.order_date = dates.business_date

    left join dates as dates_before on steps.before_1 = dates_before.business_date
{%- endmacro %}

{#- The day's sums of orders for every dimension of kpi_dimensions, one after the other. -#}
{% macro kpi_order_days() -%}
    {%- for dimension in var('kpi_dimensions') %}
    {%- if dimension.of == 'orders' %}
    select
        cast('{{ dimension.name }}' as text) as dimension,
        {{ dimension.column }} as member,
        order_date as business_date
        {%- for measure in kpi_measures().order_days + ['deactivated', 'lost'] %},
        {{ '0 as ' if measure.endswith('moves') }}{{ measure }}
        {%- endfor %}
        {%- for grain in ['day', 'week', 'month'] %}{% for measure in kpi_measures().counted %},
        {{ measure }}_{{ grain }}
        {%- endfor %}{% endfor %}

    from (
        select
            {{ dimension.column }},
            order_date,
            {{ kpi_order_sums() }}

        from ({{ kpi_order_steps(dimension.column) }}) as own_steps

        group by {{ dimension.column }}, order_date
    ) as own_days
    {%- else %}
    {{ kpi_combined_sums(dimension) }}
    {%- endif %}
    {%- if dimension.of == 'moves' %}
    union all
    {{ kpi_combined_sums(dimension, left=true) }}
    {%- endif %}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- The measures of `days`, each once. -#}
{% macro kpi_day_columns() -%}
    {%- set columns = kpi_measures().order_days + ['deactivated', 'lost'] -%}
    {%- for grain in ['day', 'week', 'month'] -%}
        {%- for measure in kpi_measures().counted -%}
            {%- do columns.append(measure ~ '_' ~ grain) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{#-
  The rows of `days` added up by dimension, member and day, to what the same days came to before. Amounts end with their
  last digit that counts: taking away a price in cents would leave its zeros behind.
-#}
{% macro kpi_days_added_up() -%}
    {%- set key = ['dimension', 'member', 'business_date'] %}
    select
        dimension,
        member,
        business_date
        {%- for measure in kpi_day_columns() %},
        {%- if kpi_type(measure) == 'numeric' %}
        {{ without_trailing_zeros('sum(' ~ measure ~ ')') }} as {{ measure }}
        {%- else %}
        cast(sum({{ measure }}) as bigint) as {{ measure }}
        {%- endif %}
        {%- endfor %}

    from (
        select {{ (key + kpi_day_columns()) | join(', ') }}
        from days
        {{ last_sums('days', key, kpi_day_columns()) }}
    ) as all_days

    group by
        dimension,
        member,
        business_date
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

{#- The names of the dimensions of which every customer is in one member at a time, as text literals. -#}
{% macro kpi_dimensions_of_customers() -%}
    {%- for dimension in var('kpi_dimensions') if dimension.of != 'orders' -%}
    '{{ dimension.name }}'{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- The `periods` whose customers are not as many as different people have `orders` in them. -#}
{% macro kpi_recounted_customers() -%}
    {%- for dimension in var('kpi_dimensions') if dimension.of != 'moves' %}
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
