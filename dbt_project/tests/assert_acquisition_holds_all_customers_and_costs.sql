-- Every customer who ever bought is new in one channel and in all of them, and so is every amount that marketing cost.
with

customers as (

    select count(*) as customers

    from {{ ref('customer_360') }}

    where
        batch_id = {{ var('batch_id', 0) }}
        and order_count > 0

),

spend as (

    select coalesce(sum(amount), 0) as spend

    from {{ ref('fct_marketing_spend') }}

),

acquisition as (

    select
        channel = 'all' as is_total,
        sum(new_customers) as new_customers,
        sum(spend) as spend

    from {{ ref('kpi_acquisition') }}

    where batch_id = {{ var('batch_id', 0) }}

    group by channel = 'all'

),

final as (

    select acquisition.is_total

    from acquisition

    cross join customers

    cross join spend

    where
        acquisition.new_customers <> customers.customers
        or acquisition.spend <> spend.spend

)

select * from final
