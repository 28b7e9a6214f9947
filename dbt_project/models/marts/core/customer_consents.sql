with

customers as (

    select * from {{ ref('stg_identified_customers') }}

),

decisions as (

    select * from {{ ref('int_consent_decisions') }}

),

contacts as (

    select * from {{ ref('int_consented_contacts') }}

),

channels as (

    select 'email' as channel
    union all
    select 'sms' as channel

),

final as (

    select
        customers.customer_id,
        channels.channel,
        coalesce(decisions.consent, 'unknown') as consent,
        {{ said_at('decisions') }} as consent_at,
        case when decisions.consent = 'granted' then contacts.contact end as contact

    from customers

    cross join channels

    left join decisions
        on
            customers.customer_id = decisions.customer_id
            and channels.channel = decisions.channel

    left join contacts
        on
            customers.customer_id = contacts.customer_id
            and channels.channel = contacts.channel

)

select * from final
