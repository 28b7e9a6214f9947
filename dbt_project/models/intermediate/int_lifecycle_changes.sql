{{ config(indexes=[{'columns': ['customer_id']}]) }}

with

customers as (

    select * from {{ ref('dim_customers') }}

),

first_moneys as (

    select
        customer_id,
        min(happened_on) as first_money_date,
        min(case when is_order then happened_on end) as first_date

    from {{ ref('int_customer_moneys') }}

    group by customer_id

),

known as (

    select
        customers.customer_id,
        first_moneys.first_date,
        least(
            coalesce(customers.first_created_date, {{ business_date('customers.first_seen_as_of') }}),
            first_moneys.first_money_date,
            {{ night() }}
        ) as known_on

    from customers

    left join first_moneys on customers.customer_id = first_moneys.customer_id

),

states as (

    select
        customer_id,
        point_date,
        lifecycle_stage

    from {{ ref('int_lifecycle_states') }}

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
