-- Where a customer is in one member at a time, every sum and count over the members is that of all, in every period.
with

key_figures as (

    select * from {{ ref('kpi_sales') }}

    where
        batch_id = {{ var('batch_id', 0) }}
        and period_start <= {{ night() }}
        and dimension in ({{ kpi_dimensions_of_customers() }})

),

sums as (

    select
        grain,
        period_start,
        dimension,
        sum(orders) as orders,
        sum(gross_revenue) as gross_revenue,
        sum(loyal_revenue) as loyal_revenue,
        sum(returns_amount) as returns_amount,
        sum(customers) as customers,
        sum(new_customers) as new_customers,
        sum(repeat_customers) as repeat_customers,
        sum(retained_customers) as retained_customers,
        sum(active_customers) as active_customers,
        sum(kept_customers) as kept_customers,
        sum(lost_customers) as lost_customers,
        sum(won_back_customers) as won_back_customers,
        sum(customers_to_date) as customers_to_date

    from key_figures

    group by
        grain,
        period_start,
        dimension

),

final as (

    select
        sums.grain,
        sums.period_start,
        sums.dimension

    from sums

    inner join key_figures
        on
            sums.grain = key_figures.grain
            and sums.period_start = key_figures.period_start

    where
        key_figures.dimension = 'all'
        and (
            sums.orders <> key_figures.orders
            or sums.gross_revenue <> key_figures.gross_revenue
            or sums.loyal_revenue <> key_figures.loyal_revenue
            or sums.returns_amount <> key_figures.returns_amount
            or sums.customers <> key_figures.customers
            or sums.new_customers <> key_figures.new_customers
            or sums.repeat_customers <> key_figures.repeat_customers
            or sums.retained_customers <> key_figures.retained_customers
            or sums.active_customers <> key_figures.active_customers
            or sums.kept_customers <> key_figures.kept_customers
            or sums.lost_customers <> key_figures.lost_customers
            or sums.won_back_customers <> key_figures.won_back_customers
            or sums.customers_to_date <> key_figures.customers_to_date
        )

)

select * from final
