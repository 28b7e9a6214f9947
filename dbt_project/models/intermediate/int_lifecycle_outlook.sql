{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with

customers as (

    select * from {{ ref('int_known_customers') }}

    where {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

first_moneys as (

    select
        customer_id,
        min(happened_on) as first_money_date,
        min(case when is_order then happened_on end) as first_date

    from {{ ref('int_customer_moneys') }}

    where {{ is_touched('int_touched_buyers', ['customer_id']) }}

    group by customer_id

),

known as (

    select
        customers.customer_id,
        first_moneys.first_date,
        least(customers.known_on, first_moneys.first_money_date) as known_on

    from customers

    left join first_moneys on customers.customer_id = first_moneys.customer_id

),

states as (

    select
        customer_id,
        point_date,
        lifecycle_stage

    from {{ ref('int_lifecycle_states') }}

    where {{ is_touched('int_touched_buyers', ['customer_id']) }}

    union all

    select
        customer_id,
        known_on as point_date,
        'potential' as lifecycle_stage

    from known

    where
        first_date is null
        or known_on < first_date

),

compared as (

    select
        *,
        lag(lifecycle_stage) over (partition by customer_id order by point_date) as previous_stage

    from states

),

changed as (

    select
        customer_id,
        point_date as valid_from,
        {{ days_after('lead(point_date) over (partition by customer_id order by point_date)', -1) }} as valid_to,
        lifecycle_stage,
        previous_stage

    from compared

    where
        previous_stage is null
        or previous_stage <> lifecycle_stage

),

final as (

    select
        changed.customer_id,
        changed.valid_from,
        changed.valid_to,
        changed.lifecycle_stage,
        changed.previous_stage,
        {{ lifecycle_reason() }} as reason

    from changed

    cross join {{ ref('int_lifecycle_rules') }} as rules

)

select * from final
