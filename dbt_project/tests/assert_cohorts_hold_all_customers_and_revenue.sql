-- Every customer who ever bought is in one cohort, with all that it bought and was given back.
with

customers as (

    select
        count(*) as customers,
        coalesce(sum(order_count), 0) as orders,
        coalesce(sum(gross_revenue), 0) as gross_revenue,
        coalesce(sum(returns_amount), 0) as returns_amount

    from {{ ref('customer_360') }}

    where
        batch_id = {{ var('batch_id', 0) }}
        and order_count > 0

),

cohorts as (

    select
        coalesce(sum(case when months_since = 0 then cohort_customers end), 0) as customers,
        coalesce(sum(orders), 0) as orders,
        coalesce(sum(gross_revenue), 0) as gross_revenue,
        coalesce(sum(returns_amount), 0) as returns_amount

    from {{ ref('customer_cohorts') }}

    where batch_id = {{ var('batch_id', 0) }}

),

final as (

    select cohorts.customers

    from cohorts

    cross join customers

    where
        cohorts.customers <> customers.customers
        or cohorts.orders <> customers.orders
        or cohorts.gross_revenue <> customers.gross_revenue
        or cohorts.returns_amount <> customers.returns_amount

)

select * from final
