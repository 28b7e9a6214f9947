with

periods as (

    select * from {{ ref('int_kpi_periods') }}

),

with_previous as (

    select
        periods.*,
        periods.won_back as won_back_customers,
        periods.lost as lost_customers,
        periods.gross_revenue - periods.returns_amount as net_revenue,
        previous.customers as previous_customers,
        previous.kept_customers as previous_kept_customers,
        previous.gross_revenue - previous.returns_amount as previous_net_revenue,
        {{ last_day_of('periods.grain', 'periods.period_start') }} as period_end

    from periods

    left join periods as previous
        on
            periods.grain = previous.grain
            and periods.dimension = previous.dimension
            and periods.member = previous.member
            and {{ period_before('periods.grain', 'periods.period_start') }} = previous.period_start

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        grain,
        period_start,
        period_end,
        period_end <= {{ night() }} as is_complete,
        dimension,
        member,
        customers,
        new_customers,
        repeat_customers,
        retained_customers,
        active_customers,
        kept_customers,
        lost_customers,
        won_back_customers,
        customers_to_date,
        orders,
        identified_orders,
        cancelled_orders,
        units,
        gross_revenue,
        identified_revenue,
        loyal_revenue,
        return_lines,
        returned_units,
        returns_amount,
        net_revenue,
        {{ kpi_ratio_columns('kpi_sales') }}
        {{ as_of() }} as data_as_of

    from with_previous

)

select * from final
