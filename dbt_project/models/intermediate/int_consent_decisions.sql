{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id', 'channel'], 'unique': true}],
    meta={'touched_keys': 'int_touched_consents'},
) }}

with

statements as (

    select * from {{ ref('int_consent_statements') }}

    where {{ is_touched('int_touched_consents', ['customer_id']) }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by customer_id, channel
            order by
                counts_as_now desc nulls last,
                consent_at desc nulls last,
                consent asc,
                source asc,
                customer_key asc
        ) as place

    from statements

),

final as (

    select
        customer_id,
        channel,
        consent,
        consent_at,
        counts_as_now

    from ranked

    where place = 1

)

select * from final
