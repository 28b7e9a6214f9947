with

reversals as (

    select * from {{ ref('int_kpi_reversals') }}

),

final as (

    {{ kpi_reversal_days() }}

)

select * from final
