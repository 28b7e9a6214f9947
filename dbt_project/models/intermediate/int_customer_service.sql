with

cases as (

    select * from {{ ref('int_customer_cases') }}

),

surveys as (

    select * from {{ ref('int_customer_surveys') }}

),

final as (

    select
        cases.case_count,
        cases.open_case_count,
        cases.open_case_since,
        cases.open_complaint_since,
        cases.last_complaint_date,
        cases.last_satisfaction_rating,
        cases.last_satisfaction_at,
        surveys.last_csat,
        surveys.last_csat_at,
        surveys.last_nps,
        surveys.last_nps_at,
        coalesce(cases.customer_id, surveys.customer_id) as customer_id,
        case
            when surveys.last_answer_date > cases.last_case_date then surveys.last_answer_date
            else coalesce(cases.last_case_date, surveys.last_answer_date)
        end as last_contact_date

    from cases

    full outer join surveys on cases.customer_id = surveys.customer_id

)

select * from final
