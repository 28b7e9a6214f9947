with

rule as (

    select * from {{ ref('alert_rules') }}

    where rule = 'points_expiring'

),

differences as (

    select
        customer_id,
        changes_on,
        points - coalesce(lag(points) over (partition by customer_id, source order by changes_on), 0) as points

    from {{ ref('int_expiring_points') }}

),

balances as (

    select
        customer_id,
        changes_on,
        sum(sum(points)) over (partition by customer_id order by changes_on) as points

    from differences

    group by
        customer_id,
        changes_on

),

final as (

    select
        rule.rule,
        balances.customer_id as object_id,
        balances.customer_id,
        balances.changes_on,
        balances.points >= rule.threshold as is_alert,
        balances.points as value,
        cast(null as numeric) as base_value,
        cast(1 as bigint) as sample_count,
        {{ count_text('balances.points') }} || ' points expire within ' || {{ count_text('rule.base_days') }} || ' days'
            as evidence

    from balances

    cross join rule

)

select * from final
