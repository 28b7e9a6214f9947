with

periods as (

    select * from {{ ref('int_kpi_cases') }}

),

{{ kpi_beside_sales('orders') }},

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

    from beside_sales

)

select * from final
