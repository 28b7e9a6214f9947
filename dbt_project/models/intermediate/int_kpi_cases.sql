with

cases as (

    select
        *,
        'all' as everything,
        coalesce(channel, 'unknown') as case_channel,
        coalesce(category, 'unknown') as case_category,
        coalesce(team, 'unknown') as case_team

    from {{ ref('fct_service_cases') }}

),

final as (

    {{ kpi_case_periods() }}

)

select * from final
