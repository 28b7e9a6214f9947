{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with

rules as (

    select * from {{ ref('int_lifecycle_rules') }}

),

running as (

    select
        customer_id,
        point_date,
        sum(order_count) over (partition by customer_id order by point_date rows unbounded preceding) as recent_orders,
        max(purchase_date) over (partition by customer_id order by point_date rows unbounded preceding) as last_date,
        max(return_date) over (partition by customer_id order by point_date rows unbounded preceding) as return_date,
        min(point_date) over (partition by customer_id) as first_date

    from {{ ref('int_lifecycle_points') }}

    where {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

final as (

    select
        running.customer_id,
        running.point_date,
        running.last_date,
        case
            when running.point_date >= {{ lost_from('running.last_date') }} then 'lost'
            when running.point_date >= {{ days_after('running.last_date', var('active_customer_days') | int) }}
                then 'dormant'
            when running.point_date < {{ days_after('running.return_date', 'rules.won_back_days') }} then 'won_back'
            when running.recent_orders >= rules.loyal_orders then 'loyal'
            when running.point_date < {{ days_after('running.first_date', var('new_customer_days') | int) }}
                then 'new'
            else 'active'
        end as lifecycle_stage

    from running

    cross join rules

)

select * from final
