{%- set scopes = {'all': [], 'team': ['team'], 'agent': ['team', 'agent_id']} -%}
with

cases as (

    select
        *,
        {{ first_day_of('month', 'opened_date') }} as month_start

    from {{ ref('fct_service_cases') }}

),

surveys as (

    select
        case_id,
        avg(score) as score

    from {{ ref('fct_surveys') }}

    where
        kind = 'csat'
        and score is not null

    group by case_id

),

with_scores as (

    select
        cases.*,
        surveys.score

    from cases

    left join surveys on cases.case_id = surveys.case_id

),

final as (

    {% for scope, columns in scopes.items() -%}
        select
            '{{ scope }}' as scope,
            month_start,
            {% for column in ['team', 'agent_id'] -%}
                {% if column in columns %}coalesce({{ column }}, 'none'){% else %}'all'{% endif %} as {{ column }},
            {% endfor -%}
            cast({{ var('batch_id', 0) }} as bigint) as batch_id,
            count(*) as cases,
            count(case when is_open then 1 end) as open_cases,
            count(case when kind = 'complaint' then 1 end) as complaints,
            {% for column in ['first_response_hours', 'first_response_business_hours', 'resolution_business_hours'] -%}
                {{ percentile(0.5, column) }} as {{ column }}_median,
                {{ percentile(0.9, column) }} as {{ column }}_p90,
            {% endfor -%}
            count(is_sla_met) as sla_decided_cases,
            cast(count(case when is_sla_met then 1 end) as numeric) / nullif(count(is_sla_met), 0) as sla_rate,
            count(case when is_reopened then 1 end) as reopened_cases,
            count(case when is_one_touch then 1 end) as one_touch_cases,
            avg(score) as csat,
            count(score) as csat_answers,
            {{ as_of() }} as data_as_of
        from with_scores
        group by month_start{% for column in columns %}, {{ column }}{% endfor %}
        {% if not loop.last -%}union all
        {% endif -%}
    {% endfor %}
)

select * from final
