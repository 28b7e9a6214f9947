with

rule as (

    select * from {{ ref('alert_rules') }}

    where rule = 'vip_overdue_order'

),

purchases as (

    select
        purchase_days.customer_id,
        purchase_days.purchase_date,
        purchase_days.first_date,
        purchase_days.next_date,
        vips.net_revenue,
        row_number() over (
            partition by purchase_days.customer_id
            order by purchase_days.purchase_date, purchase_days.customer_id
        ) as day_count

    from {{ ref('int_purchase_days') }} as purchase_days

    inner join {{ ref('int_vips') }} as vips on purchase_days.customer_id = vips.customer_id

    cross join rule

    where vips.revenue_rank >= rule.threshold

),

paced as (

    select
        purchases.*,
        rule.rule,
        rule.base_days,
        cast({{ days_between('purchases.first_date', 'purchases.purchase_date') }} as numeric)
        / (purchases.day_count - 1) as interval_days,
        -- Who is lost is won back, not reminded: from then on it is no longer overdue.
        case
            when purchases.next_date < {{ lost_from('purchases.purchase_date') }} then purchases.next_date
            else {{ lost_from('purchases.purchase_date') }}
        end as ends_on

    from purchases

    cross join rule

    where
        purchases.day_count > 1
        and purchases.day_count >= rule.minimum_count

),

overdue as (

    select
        *,
        {{ days_after('purchase_date', 'base_days + cast(round(interval_days) as integer)') }} as overdue_on

    from paced

    where ends_on > {{ days_before_night(var('alert_history_days')) }}

),

turns as (

    select
        *,
        overdue_on as changes_on,
        true as is_alert
    from overdue
    where overdue_on < ends_on
    union all
    select
        *,
        ends_on as changes_on,
        false as is_alert
    from overdue
    where overdue_on < ends_on

),

final as (

    select
        rule,
        customer_id as object_id,
        customer_id,
        changes_on,
        is_alert,
        net_revenue as value,
        cast(null as numeric) as base_value,
        cast(day_count as bigint) as sample_count,
        'bought every ' || {{ count_text('round(interval_days)') }} || ' days on ' || {{ count_text('day_count') }}
        || ' days, last on ' || cast(purchase_date as text) as evidence

    from turns

    where changes_on <= {{ night() }}

)

select * from final
