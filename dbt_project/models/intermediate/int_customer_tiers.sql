{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id'], 'unique': true}],
    meta={'touched_keys': 'int_touched_standings'},
) }}

with

customers as (

    select * from {{ ref('stg_identified_customers') }}

    where {{ is_touched('int_touched_standings', ['customer_id']) }}

),

windows as (

    select * from {{ ref('int_customer_windows') }}

    where {{ is_touched('int_touched_standings', ['customer_id']) }}

),

intervals as (

    select * from {{ ref('int_purchase_intervals') }}

    where {{ is_touched('int_touched_standings', ['customer_id']) }}

),

tiers as (

    select * from {{ ref('value_tiers') }}

),

valued as (

    select
        customers.customer_id,
        coalesce(windows.net_revenue_365_days, 0) as net_revenue,
        coalesce(windows.order_count_365_days, 0) as order_count,
        case
            when
                intervals.interval_days > 0
                and windows.order_count_365_days > 0
                and intervals.expected_next_purchase_date >= {{ days_before_night(var('potential_overdue_days')) }}
                then windows.net_revenue_365_days / windows.order_count_365_days * 365 / intervals.interval_days
        end as potential

    from customers

    left join windows on customers.customer_id = windows.customer_id

    left join intervals on customers.customer_id = intervals.customer_id

),

placed as (

    select
        valued.customer_id,
        valued.potential,
        min(tiers.place) as place

    from valued

    inner join tiers
        on
            (tiers.min_net_revenue is null or valued.net_revenue >= tiers.min_net_revenue)
            and (tiers.min_orders is null or valued.order_count >= tiers.min_orders)
            and (tiers.min_potential is null or valued.potential >= tiers.min_potential)

    group by
        valued.customer_id,
        valued.potential

),

names as (

    select distinct
        place,
        tier

    from tiers

),

final as (

    select
        placed.customer_id,
        names.tier as value_tier,
        placed.potential as yearly_potential

    from placed

    inner join names on placed.place = names.place

)

select * from final
