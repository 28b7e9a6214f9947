with

rule as (

    select * from {{ ref('alert_rules') }}

    where rule = 'serial_returner'

),

returned as (

    select
        given_back.customer_id as object_id,
        given_back.return_date as on_date,
        0 as orders,
        count(distinct given_back.order_id) as sent_back

    from {{ ref('fct_returns') }} as given_back

    cross join rule

    where
        given_back.is_revenue
        and given_back.customer_id is not null
        and given_back.return_date > {{ first_day_of_rule() }}

    group by
        given_back.customer_id,
        given_back.return_date

),

frequent as (

    select returned.object_id

    from returned

    cross join rule

    group by
        returned.object_id,
        rule.minimum_count

    having sum(returned.sent_back) >= rule.minimum_count

),

days as (

    select * from returned
    where object_id in (select frequent.object_id from frequent)
    union all
    select
        orders.customer_id as object_id,
        orders.order_date as on_date,
        count(*) as orders,
        0 as sent_back
    from {{ ref('fct_orders') }} as orders
    cross join rule
    where
        orders.is_revenue
        and orders.customer_id in (select frequent.object_id from frequent)
        and orders.order_date > {{ first_day_of_rule() }}
    group by
        orders.customer_id,
        orders.order_date

),

{{ rolling_windows(['orders', 'sent_back']) }},

final as (

    select
        {{ share_alert_columns('sent_back', of='orders') }},
        {{ count_text('rolling.recent_sent_back') }} || ' orders with returns and '
        || {{ count_text('rolling.recent_orders') }} || ' orders within ' || {{ count_text('rule.window_days') }}
        || ' days' as evidence

    from rolling

    cross join rule

)

select * from final
