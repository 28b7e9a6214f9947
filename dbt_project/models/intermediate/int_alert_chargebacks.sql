with

rule as (

    select * from {{ ref('alert_rules') }}

    where rule = 'chargebacks'

),

days as (

    select
        payments.customer_id as object_id,
        payments.payment_date as on_date,
        count(*) as chargebacks,
        sum(payments.amount) as amount

    from {{ ref('fct_payments') }} as payments

    cross join rule

    where
        payments.kind = 'chargeback'
        and payments.status <> 'failed'
        and payments.customer_id is not null
        and payments.payment_date > {{ first_day_of_rule() }}

    group by
        payments.customer_id,
        payments.payment_date

),

{{ rolling_windows(['chargebacks', 'amount']) }},

final as (

    select
        rule.rule,
        rolling.object_id,
        rolling.object_id as customer_id,
        rolling.changes_on,
        rolling.recent_chargebacks >= rule.minimum_count
        or (rolling.recent_chargebacks > 0 and rolling.recent_amount >= rule.threshold) as is_alert,
        rolling.recent_amount as value,
        cast(null as numeric) as base_value,
        cast(rolling.recent_chargebacks as bigint) as sample_count,
        {{ count_text('rolling.recent_chargebacks') }} || ' payments were disputed at the bank within '
        || {{ count_text('rule.window_days') }} || ' days' as evidence

    from rolling

    cross join rule

)

select * from final
