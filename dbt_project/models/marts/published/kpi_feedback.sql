with

contacts as (

    select * from {{ ref('int_kpi_contacts') }}

),

periods as (

    {{ kpi_contact_periods() }}

),

{{ kpi_beside_sales('active_customers') }},

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        grain,
        period_start,
        period_end,
        period_end <= {{ night() }} as is_complete,
        dimension,
        member,
        interactions,
        nps_answers,
        nps_promoters,
        nps_passives,
        nps_detractors,
        csat_answers,
        {{ kpi_ratio_columns('kpi_feedback') }}
        case when nps_answers > 0 then {{ kpi_nps_bound('-') }} end as nps_low,
        case when nps_answers > 0 then {{ kpi_nps_bound('+') }} end as nps_high,
        {{ as_of() }} as data_as_of

    from beside_sales

)

select * from final
