{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id', 'channel'], 'unique': true}],
    meta={'touched_keys': 'int_touched_subscribers'},
) }}

with

statements as (

    select * from {{ ref('int_consent_statements') }}

    where {{ is_touched('int_touched_subscribers', ['customer_id']) }}

),

contact_consents as (

    select * from {{ ref('int_contact_consents') }}

),

ranked as (

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
        customer_id,
        channel,
        contact

    from ranked

    where place = 1

)

select * from final
