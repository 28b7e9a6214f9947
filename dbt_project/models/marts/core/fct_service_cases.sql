{{ config(indexes=[{'columns': ['customer_id']}]) }}

with

cases as (

    select * from {{ ref('stg_cases') }}

),

customer_records as (

    select * from {{ ref('stg_customer_records') }}

),

orders as (

    select * from {{ ref('int_orders_by_number') }}

),

histories as (

    select * from {{ ref('int_case_histories') }}

),

sla as (

    select * from {{ ref('int_case_sla') }}

),

agents as (

    select * from {{ ref('dim_agents') }}

),

final as (

    select
        cases.case_id,
        cases.source,
        customer_records.customer_id,
        cases.kind,
        cases.status,
        cases.channel,
        orders.order_id,
        cases.opened_at,
        cases.opened_date,
        cases.is_open,
        cases.closed_at,
        histories.first_response_at,
        {{ hours_between('cases.opened_at', 'histories.first_response_at') }} as first_response_hours,
        histories.resolved_at,
        {{ hours_between('cases.opened_at', 'histories.resolved_at') }} as resolution_hours,
        histories.message_count,
        histories.last_rating,
        histories.last_rated_at,
        cases.priority,
        cases.category,
        cases.cause,
        cases.agent_id,
        agents.team,
        cases.sku,
        cases.carrier,
        cases.batch,
        cases.sla_policy,
        cases.outcome,
        sla.first_response_business_hours,
        sla.resolution_business_hours,
        sla.business_hours,
        sla.first_response_target_hours,
        sla.resolution_target_hours,
        sla.is_first_response_in_time,
        sla.is_resolution_in_time,
        sla.is_sla_met,
        histories.agent_reply_count,
        histories.reopen_count,
        histories.is_reopened,
        histories.is_one_touch

    from cases

    left join customer_records
        on
            cases.source = customer_records.source
            and cases.customer_key = customer_records.customer_key

    left join orders on cases.order_number = orders.order_number

    inner join histories on cases.case_id = histories.case_id

    inner join sla on cases.case_id = sla.case_id

    left join agents on cases.agent_id = agents.agent_id

)

select * from final
