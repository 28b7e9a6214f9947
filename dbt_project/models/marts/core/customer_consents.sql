with

customers as (

    select * from {{ ref('stg_identified_customers') }}

),

channels as (

    select 'email' as channel
    union all
    select 'sms' as channel

),

statements as (

    select * from {{ ref('int_consent_statements') }}

),

contact_consents as (

    select * from {{ ref('int_contact_consents') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by customer_id, channel
            order by consent_at desc nulls last, consent asc, source asc, customer_key asc
        ) as place

    from statements

),

decisions as (

    select * from ranked

    where place = 1

),

usable_contacts as (

    select
        statements.customer_id,
        statements.channel,
        statements.contact,
        row_number() over (
            partition by statements.customer_id, statements.channel
            order by
                statements.consent_at desc nulls last,
                statements.source asc,
                statements.customer_key asc
        ) as place

    from statements

    inner join contact_consents
        on
            statements.channel = contact_consents.channel
            and statements.contact_key = contact_consents.contact_key

    where
        statements.consent = 'granted'
        and contact_consents.consent = 'granted'

),

final as (

    select
        customers.customer_id,
        channels.channel,
        decisions.consent_at,
        usable_contacts.contact,
        coalesce(decisions.consent, 'unknown') as consent

    from customers

    cross join channels

    left join decisions
        on
            customers.customer_id = decisions.customer_id
            and channels.channel = decisions.channel

    left join usable_contacts
        on
            decisions.customer_id = usable_contacts.customer_id
            and decisions.channel = usable_contacts.channel
            and decisions.consent = 'granted'
            and usable_contacts.place = 1

)

select * from final
