{{ config(indexes=[{'columns': ['customer_id']}]) }}

with

leads as (

    select * from {{ ref('stg_leads') }}

),

customer_records as (

    select * from {{ ref('stg_customer_records') }}

),

stages as (

    select
        lead_id,
        count(*) as stage_count,
        max(case when left_at is null then lead_stage end) as lead_stage,
        max(case when left_at is null then since end) as stage_since,
        min(case when lead_stage = 'interested' then since end) as interested_at,
        min(case when lead_stage = 'signed' then since end) as signed_at,
        coalesce(sum(case when lead_stage = 'potential' then day_count end), 0) as potential_days,
        coalesce(sum(case when lead_stage = 'interested' then day_count end), 0) as interested_days

    from {{ ref('int_lead_stages') }}

    group by lead_id

),

with_customers as (

    select
        leads.*,
        customer_records.customer_id

    from leads

    left join customer_records
        on
            leads.source = customer_records.source
            and leads.customer_key = customer_records.customer_key

),

purchases as (

    select
        with_customers.lead_id,
        min(case when orders.ordered_at < with_customers.created_at then orders.order_date end) as bought_before,
        min(case when orders.ordered_at >= with_customers.created_at then orders.order_date end) as first_order_date

    from with_customers

    inner join {{ ref('fct_orders') }} as orders on with_customers.customer_id = orders.customer_id

    where orders.is_revenue

    group by with_customers.lead_id

),

final as (

    select
        with_customers.lead_id,
        with_customers.source,
        with_customers.customer_id,
        with_customers.customer_key,
        with_customers.channel,
        with_customers.interest,
        with_customers.lost_reason,
        with_customers.created_at,
        with_customers.created_date,
        stages.lead_stage,
        stages.stage_since,
        stages.stage_count,
        stages.interested_at,
        stages.signed_at,
        stages.potential_days,
        stages.interested_days,
        purchases.first_order_date,
        purchases.first_order_date is not null as is_converted,
        {{ days_between('with_customers.created_date', 'purchases.first_order_date') }} as days_to_order,
        purchases.bought_before is not null as was_customer

    from with_customers

    inner join stages on with_customers.lead_id = stages.lead_id

    left join purchases on with_customers.lead_id = purchases.lead_id

)

select * from final
