with

opened as (

    select * from {{ ref('fct_service_cases') }}

),

cases as (

    select
        opened.*,
        'all' as everything,
        coalesce(opened.channel, 'unknown') as case_channel,
        coalesce(opened.category, 'unknown') as case_category,
        coalesce(opened.team, 'unknown') as case_team,
        {{ kpi_member_columns('opened', 'opened.opened_date') }}

    from opened

    {{ kpi_member_joins('opened', 'opened.opened_date') }}

),

final as (

    {{ kpi_case_periods() }}

)

select * from final
