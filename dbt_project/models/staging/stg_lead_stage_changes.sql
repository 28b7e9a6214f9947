with

lead_stage_changes as (

    select * from {{ source('standardised', 'lead_stage_changes') }}

),

final as (

    select
        stage,
        changed_at,
        source || ':' || source_key as lead_stage_change_id,
        source || ':' || lead_key as lead_id

    from lead_stage_changes

)

select * from final
