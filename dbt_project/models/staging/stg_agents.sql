with

agents as (

    select * from {{ source('standardised', 'agents') }}

),

final as (

    select
        source || ':' || source_key as agent_id,
        source,
        agent_name,
        team,
        is_active = 'true' as is_active,
        {{ business_date('started_at') }} as started_on

    from agents

)

select * from final
