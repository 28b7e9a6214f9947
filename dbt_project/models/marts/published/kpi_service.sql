with

cases as (

    select * from {{ ref('int_kpi_cases') }}

),

orders as (

    select * from {{ ref('int_kpi_periods') }}

),

with_orders as (

    select
        cases.*,
        orders.orders,
        {{ last_day_of('cases.grain', 'cases.period_start') }} as period_end

    from cases

    left join orders
        on
            cases.grain = orders.grain
            and cases.period_start = orders.period_start
            and {{ kpi_same_customers('dimension', 'cases') }} = orders.dimension
            and {{ kpi_same_customers('member', 'cases') }} = orders.member

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
        cases,
        customers,
        complaints,
        suggestions,
        decided_suggestions,
        adopted_suggestions,
        resolved_cases,
        answered_cases,
        cases_in_time,
        cases_with_target,
        reopened_cases,
        one_touch_cases,
        rated_cases,
        {{ kpi_ratio_columns('kpi_service') }}
        {{ as_of() }} as data_as_of

    from with_orders

)

select * from final
