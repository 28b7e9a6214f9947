{%- set rules = [
    'product_return_rate', 'complaint_category', 'satisfaction', 'sla_deadline', 'vip_complaint', 'vip_overdue_order',
    'level_loss', 'points_expiring', 'serial_returner', 'coupon_abuse', 'chargebacks'
] -%}
with

states as (

    {% for rule in rules -%}
        select * from {{ ref('int_alert_' ~ rule) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

rules as (

    select * from {{ ref('alert_rules') }}

),

-- Before the evenings that are looked at, the windows of a rule are not full: what held on the first of them counts.
within_history as (

    select
        states.*,
        case
            when rules.window_days > 0 and states.changes_on < {{ days_before_night(var('alert_history_days')) }}
                then {{ days_before_night(var('alert_history_days')) }}
            else states.changes_on
        end as seen_on

    from states

    inner join rules on states.rule = rules.rule

    where states.changes_on <= {{ night() }}

),

ranked as (

    select
        *,
        row_number() over (partition by rule, object_id, seen_on order by changes_on desc, object_id asc) as place

    from within_history

),

evenings as (

    select
        *,
        coalesce(lag(is_alert) over (partition by rule, object_id order by seen_on), false) as was_alert

    from ranked

    where place = 1

),

turns as (

    select
        *,
        lead(seen_on) over (partition by rule, object_id order by seen_on) as next_turn_on

    from evenings

    where is_alert <> was_alert

),

final as (

    select
        rule,
        object_id,
        customer_id,
        seen_on as since,
        next_turn_on as recovered_on,
        value,
        base_value,
        sample_count,
        evidence

    from turns

    where
        is_alert
        and (next_turn_on is null or next_turn_on > {{ days_before_night(var('alert_history_days')) }})

)

select * from final
