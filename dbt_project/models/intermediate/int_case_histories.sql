with

cases as (

    select * from {{ ref('stg_cases') }}

),

messages as (

    select * from {{ ref('int_case_messages') }}

),

resolutions as (

    select * from {{ ref('int_case_resolutions') }}

),

reopenings as (

    select * from {{ ref('int_case_reopenings') }}

),

ratings as (

    select * from {{ ref('int_case_ratings') }}

),

final as (

    select
        cases.case_id,
        messages.first_response_at,
        resolutions.resolved_at,
        ratings.last_rating,
        ratings.last_rated_at,
        coalesce(messages.message_count, 0) as message_count,
        coalesce(messages.agent_reply_count, 0) as agent_reply_count,
        coalesce(reopenings.reopen_count, 0) as reopen_count,
        reopenings.case_id is not null as is_reopened,
        not cases.is_open
        and reopenings.case_id is null
        and coalesce(messages.agent_reply_count, 0) <= 1 as is_one_touch

    from cases

    left join messages on cases.case_id = messages.case_id

    left join resolutions on cases.case_id = resolutions.case_id

    left join reopenings on cases.case_id = reopenings.case_id

    left join ratings on cases.case_id = ratings.case_id

)

select * from final
