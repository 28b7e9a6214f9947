with

leads as (

    select * from {{ ref('stg_leads') }}

),

changes as (

    select
        changes.lead_id,
        changes.stage,
        changes.changed_at,
        changes.lead_stage_change_id,
        row_number() over (
            partition by changes.lead_id
            order by changes.changed_at desc, changes.lead_stage_change_id desc
        ) as place

    from {{ ref('stg_lead_stage_changes') }} as changes

    inner join leads on changes.lead_id = leads.lead_id

),

-- A lead begins as potential. Where its own stage is not that of its last change, the source has not told of one.
events as (

    select
        lead_id,
        'potential' as lead_stage,
        created_at as since,
        0 as turn,
        lead_id as event_id
    from leads
    union all
    select
        lead_id,
        stage as lead_stage,
        changed_at as since,
        1 as turn,
        lead_stage_change_id as event_id
    from changes
    union all
    select
        leads.lead_id,
        leads.stage as lead_stage,
        leads.updated_at as since,
        2 as turn,
        leads.lead_id as event_id
    from leads
    left join changes
        on
            leads.lead_id = changes.lead_id
            and changes.place = 1
    where
        leads.stage <> coalesce(changes.stage, 'potential')

),

compared as (

    select
        *,
        lag(lead_stage) over (partition by lead_id order by since, turn, event_id) as previous_stage

    from events

),

entered as (

    select
        *,
        row_number() over (partition by lead_id order by since, turn, event_id) as stage_number,
        lead(since) over (partition by lead_id order by since, turn, event_id) as left_at

    from compared

    where previous_stage is null or previous_stage <> lead_stage

),

final as (

    select
        lead_id,
        stage_number,
        lead_stage,
        previous_stage,
        since,
        left_at,
        {{ hours_between('since', 'coalesce(left_at, ' ~ as_of() ~ ')') }} / 24 as day_count

    from entered

)

select * from final
