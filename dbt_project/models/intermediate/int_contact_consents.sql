{{ config(
    materialized='incremental', unique_key='contact_key', indexes=[{'columns': ['contact_key', 'channel'], 'unique': true}],
    meta={'touched_keys': 'int_touched_contacts'},
) }}

with

statements as (

    select * from {{ ref('int_consent_statements') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by channel, contact_key
            order by
                counts_as_now desc nulls last,
                consent_at desc nulls last,
                consent asc,
                source asc,
                customer_key asc
        ) as place

    from statements

    where
        contact_key is not null
        and {{ is_touched('int_touched_contacts', ['contact_key']) }}

),

final as (

    select
        channel,
        contact_key,
        consent,
        consent_at,
        counts_as_now

    from ranked

    where place = 1

)

select * from final
