-- On the night the key figures have as many active customers, not lost ones, and customers as customer_360.
with

customers as (

    select
        count(*) as customers_to_date,
        count(case when last_purchase_date > {{ days_before_night(var('active_customer_days')) }} then 1 end)
            as active_customers,
        count(case when last_purchase_date >= {{ months_before_night(var('lost_customer_months')) }} then 1 end)
            as kept_customers

    from {{ ref('customer_360') }}

    where
        batch_id = {{ var('batch_id', 0) }}
        and order_count > 0
        and last_purchase_date <= {{ night() }}

),

final as (

    select key_figures.grain

    from {{ ref('kpi_sales') }} as key_figures

    cross join customers

    where
        key_figures.batch_id = {{ var('batch_id', 0) }}
        and key_figures.dimension = 'all'
        and key_figures.period_start <= {{ night() }}
        and key_figures.period_end >= {{ night() }}
        and (
            key_figures.customers_to_date <> customers.customers_to_date
            or key_figures.active_customers <> customers.active_customers
            or key_figures.kept_customers <> customers.kept_customers
        )

)

select * from final
