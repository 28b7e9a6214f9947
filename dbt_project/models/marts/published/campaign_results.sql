{%- set sum_columns = [
    'people', 'written_people', 'reached_people', 'opening_people', 'participants', 'unsubscribed_people',
    'conversions', 'orders', 'revenue', 'sent', 'delivered', 'opened', 'clicked', 'unsubscribed', 'bounced',
] -%}
{%- set effect_columns = [
    'holdout_conversion', 'conversion_effect', 'conversion_margin', 'revenue_effect', 'revenue_margin'
] -%}
with

sums as (

    select * from {{ ref('int_campaign_sums') }}

),

effects as (

    select * from {{ ref('int_campaign_effects') }}

),

spend as (

    select * from {{ ref('int_campaign_spend') }}

),

campaigns as (

    select * from {{ ref('dim_campaigns') }}

),

places as (

    select
        campaign_id,
        'campaign' as scope,
        'all' as scope_value
    from campaigns
    {% for relation in ['sums', 'spend'] -%}
        union distinct
        select
            campaign_id,
            scope,
            scope_value
        from {{ relation }}
    {% endfor %}
),

joined as (

    select
        places.*,
        campaigns.campaign_name,
        campaigns.kind,
        campaigns.start_date,
        campaigns.end_date,
        {% for column in sum_columns -%}
            coalesce(sums.{{ column }}, 0) as {{ column }},
        {% endfor -%}
        {% for column in effect_columns -%}
            effects.{{ column }},
        {% endfor -%}
        coalesce(effects.holdout_people, 0) as holdout_people,
        coalesce(effects.mixed_people, 0) as mixed_people,
        coalesce(spend.spend, 0) as spend,
        coalesce(sums.unsubscribed_people, 0) * cast({{ var('unsubscribe_cost') }} as numeric) as unsubscribe_cost,
        {{ hours_after('coalesce(sums.last_due_at, campaigns.ends_at)', var('campaign_conversion_days') * 24) }}
        <= {{ as_of() }} as is_over

    from places

    inner join campaigns on places.campaign_id = campaigns.campaign_id

    {% for relation in ['sums', 'effects', 'spend'] -%}
        left join {{ relation }}
            on
                places.campaign_id = {{ relation }}.campaign_id
                and places.scope = {{ relation }}.scope
                and places.scope_value = {{ relation }}.scope_value
    {% endfor %}
),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        campaign_id,
        scope,
        scope_value,
        campaign_name,
        kind,
        start_date,
        end_date,
        coalesce(is_over, false) as is_complete,
        holdout_people,
        mixed_people,
        {{ sum_columns | join(',
        ') }},
        cast(participants as numeric) / nullif(reached_people, 0) as participation_rate,
        cast(conversions as numeric) / nullif(written_people, 0) as conversion_rate,
        holdout_conversion as holdout_conversion_rate,
        {% for measure, name in {'conversion': 'conversions', 'revenue': 'revenue'}.items() -%}
            {%- for end, sign in {'': '', '_low': ' - ', '_high': ' + '}.items() -%}
                round(({{ measure }}_effect{{ sign }}{{ measure ~ '_margin' if sign }}) * written_people, 2)
                    as incremental_{{ name }}{{ end }},
            {% endfor -%}
        {%- endfor -%}
        spend,
        unsubscribe_cost,
        (round(revenue_effect * written_people, 2) - spend - unsubscribe_cost)
        / nullif(spend + unsubscribe_cost, 0) as roi,
        {{ as_of() }} as data_as_of

    from joined

)

select * from final
