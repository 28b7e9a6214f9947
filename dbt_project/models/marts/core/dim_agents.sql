with

agents as (

    select * from {{ ref('stg_agents') }}

),

cases as (

    select * from {{ ref('stg_cases') }}

),

agent_ids as (

    select
        agent_id,
        source
    from agents
    union distinct
    select
        agent_id,
        source
    from cases
    where agent_id is not null

),

final as (

    select
        agent_ids.agent_id,
        agent_ids.source,
        agents.agent_name,
        agents.team,
        agents.is_active,
        agents.started_on,
        agents.agent_id is not null as is_listed

    from agent_ids

    left join agents on agent_ids.agent_id = agents.agent_id

)

select * from final
