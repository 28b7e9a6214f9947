-- The same money and orders in the facts as in the key figures, whatever these are split by and over what periods.
with

fact_amounts as (

    select
        net_amount as gross_revenue,
        0 as returns_amount,
        1 as orders

    from {{ ref('fct_orders') }}

    where is_revenue

    union all

    select
        0 as gross_revenue,
        amount as returns_amount,
        0 as orders

    from {{ ref('fct_returns') }}

    where is_revenue

),

facts as (

    select
        coalesce(sum(gross_revenue), 0) as gross_revenue,
        coalesce(sum(returns_amount), 0) as returns_amount,
        coalesce(sum(orders), 0) as orders

    from fact_amounts

),

buyers as (

    select count(*) as customers

    from {{ ref('customer_360') }}

    where
        batch_id = {{ var('batch_id', 0) }}
        and order_count > 0

),

levels as (

    select
        grain,
        dimension,
        sum(gross_revenue) as gross_revenue,
        sum(returns_amount) as returns_amount,
        sum(orders) as orders,
        case when dimension in ({{ kpi_dimensions_of_customers() }}) then sum(new_customers) end as customers

    from {{ ref('kpi_sales') }}

    where batch_id = {{ var('batch_id', 0) }}

    group by
        grain,
        dimension

),

final as (

    select
        levels.grain,
        levels.dimension

    from levels

    cross join facts

    cross join buyers

    where
        levels.gross_revenue <> facts.gross_revenue
        or levels.returns_amount <> facts.returns_amount
        or levels.orders <> facts.orders
        or coalesce(levels.customers, buyers.customers) <> buyers.customers

)

select * from final
