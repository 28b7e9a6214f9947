with

consents as (

    select * from {{ ref('customer_consents') }}

),

final as (

    select
        customer_id,
        max(case when channel = 'email' then consent end) as email_consent,
        max(case when channel = 'email' then consent_at end) as email_consent_at,
        max(case when channel = 'email' then contact end) as email_opted_in,
        max(case when channel = 'sms' then consent end) as sms_consent,
        max(case when channel = 'sms' then consent_at end) as sms_consent_at,
        max(case when channel = 'sms' then contact end) as phone_opted_in

    from consents

    group by customer_id

)

select * from final
