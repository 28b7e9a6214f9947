with

cancelled as (

    select
        order_date as business_date,
        customer_id,
        channel,
        store_id,
        1 as cancelled_orders,
        0 as return_lines,
        0 as returned_units,
        0 as returns_amount

    from {{ ref('fct_orders') }}

    where status = 'cancelled'

),

returns as (

    select
        return_date as business_date,
        customer_id,
        channel,
        store_id,
        0 as cancelled_orders,
        1 as return_lines,
        coalesce(quantity, 0) as returned_units,
        amount as returns_amount

    from {{ ref('fct_returns') }}

    where is_revenue

),

customers as (

    select * from {{ ref('dim_customers') }}

),

reversals as (

    select * from cancelled
    union all
    select * from returns

),

final as (

    select
        reversals.business_date,
        reversals.channel,
        'all' as everything,
        coalesce(reversals.store_id, 'none') as store,
        coalesce(customers.region, 'unknown') as region,
        sum(reversals.cancelled_orders) as cancelled_orders,
        sum(reversals.return_lines) as return_lines,
        sum(reversals.returned_units) as returned_units,
        sum(reversals.returns_amount) as returns_amount,
        coalesce(sum(case when reversals.customer_id is not null then reversals.returns_amount end), 0)
            as identified_returns_amount

    from reversals

    left join customers on reversals.customer_id = customers.customer_id

    group by
        reversals.business_date,
        reversals.channel,
        reversals.store_id,
        customers.region

)

select * from final
