with

contacts as (

    select * from {{ ref('int_kpi_contacts') }}

),

periods as (

    {{ kpi_contact_periods() }}

),

customers as (

    select * from {{ ref('int_kpi_periods') }}

),

with_customers as (

    select
        periods.*,
        customers.active_customers,
        {{ last_day_of('periods.grain', 'periods.period_start') }} as period_end

    from periods

    left join customers
        on
            periods.grain = customers.grain
            and periods.period_start = customers.period_start
            and {{ kpi_same_customers('dimension', 'periods') }} = customers.dimension
            and {{ kpi_same_customers('member', 'periods') }} = customers.member

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

    from with_customers

)

select * from final
