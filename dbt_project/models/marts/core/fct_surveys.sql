{{ config(indexes=[{'columns': ['customer_id']}]) }}

with

surveys as (

    select * from {{ ref('stg_surveys') }}

),

cases as (

    select * from {{ ref('fct_service_cases') }}

),

customer_records as (

    select * from {{ ref('stg_customer_records') }}

),

final as (

    select
        surveys.survey_id,
        surveys.source,
        surveys.kind,
        cases.case_id,
        cases.agent_id,
        cases.team,
        surveys.channel,
        surveys.sent_at,
        surveys.answered_at,
        {{ business_date('surveys.answered_at') }} as answered_date,
        surveys.score,
        coalesce(customer_records.customer_id, cases.customer_id) as customer_id,
        case
            when surveys.kind = 'nps' and surveys.score >= 9 then 'promoter'
            when surveys.kind = 'nps' and surveys.score >= 7 then 'passive'
            when surveys.kind = 'nps' and surveys.score >= 0 then 'detractor'
        end as nps_group

    from surveys

    left join cases on surveys.case_id = cases.case_id

    left join customer_records
        on
            surveys.source = customer_records.source
            and surveys.customer_key = customer_records.customer_key

)

select * from final
