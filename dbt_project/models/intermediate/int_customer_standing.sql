{#- A view: customer_360 alone reads it, so nothing is written that is read once. -#}
{{ config(materialized='view') }}

with

customers as (

    select * from {{ ref('dim_customers') }}

),

lifecycle as (

    select * from {{ ref('int_lifecycle_changes') }}

    where valid_to is null

),

rfm as (

    select * from {{ ref('int_rfm_changes') }}

    where valid_to is null

),

final as (

    select
        customers.customer_id,
        lifecycle.lifecycle_stage,
        lifecycle.valid_from as lifecycle_since,
        tiers.value_tier,
        tiers.yearly_potential,
        membership.membership_level,
        membership.membership_since,
        membership.membership_review_date,
        membership.next_membership_level,
        membership.membership_amount,
        membership.amount_to_next_level,
        membership.amount_to_keep_level,
        quintiles.r_score,
        quintiles.f_score,
        quintiles.m_score,
        quintiles.fm_score,
        rfm.rfm_segment,
        intervals.interval_days as purchase_interval_days,
        intervals.expected_next_purchase_date,
        {{ window_columns_of('windows') }},
        coalesce(flags.is_strategic, false) as is_strategic,
        coalesce(flags.has_special_need, false) as has_special_need

    from customers

    left join lifecycle on customers.customer_id = lifecycle.customer_id

    left join rfm on customers.customer_id = rfm.customer_id

    left join {{ ref('int_customer_tiers') }} as tiers on customers.customer_id = tiers.customer_id

    left join {{ ref('int_customer_membership') }} as membership on customers.customer_id = membership.customer_id

    left join {{ ref('int_rfm_quintiles') }} as quintiles on customers.customer_id = quintiles.customer_id

    left join {{ ref('int_purchase_intervals') }} as intervals on customers.customer_id = intervals.customer_id

    left join {{ ref('int_customer_windows') }} as windows on customers.customer_id = windows.customer_id

    left join {{ ref('int_customer_flags') }} as flags on customers.customer_id = flags.customer_id

)

select * from final
