{%- set measures = {'conversion': 'converted', 'revenue': 'revenue'} -%}
with

people as (

    select
        *,
        cast(case when orders > 0 then 1 else 0 end as numeric) as converted,
        case
            when messages > 0 and holdouts = 0 then 'written to'
            when holdouts > 0 and messages = 0 then 'held out'
        end as compared_as

    from {{ ref('int_campaign_people') }}

),

counted as (

    select
        campaign_id,
        scope,
        scope_value,
        {% for name, side in {'treated': 'written to', 'held': 'held out'}.items() -%}
            count(case when compared_as = '{{ side }}' then 1 end) as {{ name }},
            count(case when compared_as = '{{ side }}' and orders > 0 then 1 end) as {{ name }}_buyers,
            {% for measure, column in measures.items() -%}
                avg(case when compared_as = '{{ side }}' then {{ column }} end) as {{ name }}_{{ measure }},
                var_samp(case when compared_as = '{{ side }}' then {{ column }} end)
                    as {{ name }}_{{ measure }}_variance,
            {% endfor -%}
        {% endfor -%}
        count(*) - count(compared_as) as mixed_people

    from people

    group by campaign_id, scope, scope_value

),

-- Too few who did or did not buy, and the interval would be too narrow to hold what it promises.
with_errors as (

    select
        *,
        least(treated_buyers, treated - treated_buyers, held_buyers, held - held_buyers)
        >= {{ var('campaign_least_buyers') }} as has_margin,
        {% for measure in measures -%}
            {{ welch_squared_error(
                'treated_' ~ measure ~ '_variance', 'treated', 'held_' ~ measure ~ '_variance', 'held'
            ) }} as {{ measure }}_squared_error{% if not loop.last %},
            {% endif %}
        {%- endfor %}

    from counted

),

with_degrees as (

    select
        *,
        {% for measure in measures -%}
            {{ welch_degrees_of_freedom(
                measure ~ '_squared_error', 'treated_' ~ measure ~ '_variance', 'treated',
                'held_' ~ measure ~ '_variance', 'held'
            ) }} as {{ measure }}_degrees{% if not loop.last %},
            {% endif %}
        {%- endfor %}

    from with_errors

),

-- Estimates are told to six decimals.
final as (

    select
        campaign_id,
        scope,
        scope_value,
        treated as treated_people,
        held as holdout_people,
        mixed_people,
        {% for measure in measures -%}
            round(treated_{{ measure }}, 6) as treated_{{ measure }},
            round(held_{{ measure }}, 6) as holdout_{{ measure }},
            round(treated_{{ measure }} - held_{{ measure }}, 6) as {{ measure }}_effect,
            case
                when has_margin
                    then round({{ student_t_95(measure ~ '_degrees') }} * sqrt({{ measure }}_squared_error), 6)
            end as {{ measure }}_margin
            {%- if not loop.last %},
            {% endif %}
        {%- endfor %}

    from with_degrees

)

select * from final
