with

rule as (

    select * from {{ ref('alert_rules') }}

    where rule = 'satisfaction'

),

answers as (

    select
        surveys.team,
        surveys.answered_date as on_date,
        surveys.score

    from {{ ref('fct_surveys') }} as surveys

    cross join rule

    where
        surveys.kind = 'csat'
        and surveys.score is not null
        and surveys.answered_date > {{ first_day_of_rule() }}

),

days as (

    select
        team as object_id,
        on_date,
        count(*) as answers,
        sum(score) as points
    from answers
    where team is not null
    group by
        team,
        on_date
    union all
    select
        'all' as object_id,
        on_date,
        count(*) as answers,
        sum(score) as points
    from answers
    group by on_date

),

{{ rolling_windows(['answers', 'points']) }},

final as (

    select
        rule.rule,
        rolling.object_id,
        cast(null as text) as customer_id,
        rolling.changes_on,
        rolling.recent_answers >= rule.minimum_count
        and rolling.recent_points < rule.threshold * rolling.recent_answers as is_alert,
        rolling.recent_points / nullif(rolling.recent_answers, 0) as value,
        cast(null as numeric) as base_value,
        cast(rolling.recent_answers as bigint) as sample_count,
        'mean of ' || {{ count_text('rolling.recent_answers') }} || ' answers within '
        || {{ count_text('rule.window_days') }} || ' days: '
        || cast(round(rolling.recent_points / nullif(rolling.recent_answers, 0), 2) as text)
            as evidence

    from rolling

    cross join rule

)

select * from final
