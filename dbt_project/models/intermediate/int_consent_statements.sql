{{ config(
    materialized='incremental', unique_key='customer_id',
    indexes=[{'columns': ['customer_id']}, {'columns': ['contact_key']}],
    meta={'touched_keys': 'int_touched_consents', 'notes': ['contact_key']},
) }}

with

records as (

    select * from {{ ref('int_trusted_records') }}

    where {{ is_touched('int_touched_consents', ['customer_id']) }}

),

statements as (

    select
        customer_id,
        source,
        customer_key,
        'email' as channel,
        email as contact,
        email_key as contact_key,
        email_consent as consent,
        email_consent_at as consent_at

    from records

    where email_consent is not null

    union all

    select
        customer_id,
        source,
        customer_key,
        'sms' as channel,
        phone as contact,
        phone as contact_key,
        sms_consent as consent,
        sms_consent_at as consent_at

    from records

    where sms_consent is not null

),

final as (

    select
        customer_id,
        source,
        customer_key,
        channel,
        contact,
        contact_key,
        consent,
        case when consent_at < {{ as_of() }} then consent_at end as consent_at,
        -- A denial without a date, or dated ahead, counts as made now; such a grant has no date and loses to any.
        consent = 'denied' and not coalesce(consent_at < {{ as_of() }}, false) as counts_as_now

    from statements

)

select * from final
