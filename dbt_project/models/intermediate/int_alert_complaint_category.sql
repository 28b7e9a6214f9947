with

rule as (

    select * from {{ ref('alert_rules') }}

    where rule = 'complaint_category'

),

days as (

    select
        cases.category as object_id,
        cases.opened_date as on_date,
        count(*) as complaints

    from {{ ref('fct_service_cases') }} as cases

    cross join rule

    where
        cases.kind = 'complaint'
        and cases.category is not null
        and cases.opened_date > {{ first_day_of_rule() }}

    group by
        cases.category,
        cases.opened_date

),

{{ rolling_windows(['complaints']) }},

final as (

    select
        rule.rule,
        rolling.object_id,
        cast(null as text) as customer_id,
        rolling.changes_on,
        rolling.recent_complaints >= rule.minimum_count
        and rolling.recent_complaints >= (1 + rule.threshold) * rolling.base_complaints as is_alert,
        cast(rolling.recent_complaints as numeric) as value,
        cast(rolling.base_complaints as numeric) as base_value,
        cast(rolling.recent_complaints as bigint) as sample_count,
        {{ count_text('rolling.recent_complaints') }} || ' complaints within ' || {{ count_text('rule.window_days') }}
        || ' days, ' || {{ count_text('rolling.base_complaints') }} || ' in the ' || {{ count_text('rule.base_days') }}
        || ' before' as evidence

    from rolling

    cross join rule

)

select * from final
