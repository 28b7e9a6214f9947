with

cases as (

    select * from {{ ref('stg_cases') }}

),

messages as (

    select * from {{ ref('stg_case_messages') }}

),

final as (

    select
        messages.case_id,
        count(*) as message_count,
        count(
            case
                when messages.direction = 'outbound' and messages.sent_at >= cases.opened_at
                    then messages.message_id
            end
        ) as agent_reply_count,
        min(
            case
                when messages.direction = 'outbound' and messages.sent_at >= cases.opened_at
                    then messages.sent_at
            end
        ) as first_response_at

    from messages

    inner join cases on messages.case_id = cases.case_id

    group by messages.case_id

)

select * from final
