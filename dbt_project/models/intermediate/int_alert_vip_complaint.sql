with

rule as (

    select * from {{ ref('alert_rules') }}

    where rule = 'vip_complaint'

),

vips as (

    select * from {{ ref('int_vips') }}

),

final as (

    select
        rule.rule,
        case_days.case_id as object_id,
        case_days.customer_id,
        case_days.on_date as changes_on,
        case_days.is_open as is_alert,
        vips.net_revenue as value,
        cast(null as numeric) as base_value,
        cast(1 as bigint) as sample_count,
        'complaint of a customer in the best ' || {{ percent_text('1 - rule.threshold') }} || ' by net revenue'
            as evidence

    from {{ ref('int_case_days') }} as case_days

    inner join vips on case_days.customer_id = vips.customer_id

    cross join rule

    where
        case_days.kind = 'complaint'
        and vips.revenue_rank >= rule.threshold

)

select * from final
