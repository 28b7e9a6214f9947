with

points as (

    select * from {{ ref('int_contact_points') }}

    where {{ is_touched('int_touched_contact_points', ['customer_id']) }}

),

decisions as (

    select * from {{ ref('int_consent_decisions') }}

    where {{ is_touched('int_touched_contact_points', ['customer_id']) }}

),

contact_consents as (

    select * from {{ ref('int_contact_consents') }}

),

own_grants as (

    select distinct
        customer_id,
        channel,
        contact_key

    from {{ ref('int_consent_statements') }}

    where
        consent = 'granted'
        and {{ is_touched('int_touched_contact_points', ['customer_id']) }}

),

with_channels as (

    select
        *,
        case contact_type
            when 'email' then 'email'
            when 'phone' then 'sms'
        end as channel

    from points

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        cast(null as bigint) as until_batch,
        points.customer_id,
        points.contact_type,
        points.contact_key,
        points.contact,
        case when points.is_primary then 'primary' else 'other' end as role,
        points.is_verified,
        points.first_seen_at,
        points.last_seen_at,
        points.record_count,
        points.sources,
        points.channel,
        case
            when points.channel is null then null
            when decisions.consent = 'denied' or contact_consents.consent = 'denied' then 'denied'
            when
                decisions.consent = 'granted'
                and contact_consents.consent = 'granted'
                and own_grants.contact_key is not null
                then 'granted'
            else 'unknown'
        end as marketing_consent,
        case
            when contact_consents.consent = 'denied' then {{ said_at('contact_consents') }}
            when decisions.consent = 'denied' then {{ said_at('decisions') }}
            when decisions.consent = 'granted' and own_grants.contact_key is not null then contact_consents.consent_at
        end as marketing_consent_at

    from with_channels as points

    left join decisions
        on
            points.customer_id = decisions.customer_id
            and points.channel = decisions.channel

    left join contact_consents
        on
            points.channel = contact_consents.channel
            and points.contact_key = contact_consents.contact_key

    left join own_grants
        on
            points.customer_id = own_grants.customer_id
            and points.channel = own_grants.channel
            and points.contact_key = own_grants.contact_key

)

select * from final
