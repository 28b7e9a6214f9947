with

statements as (

    select * from {{ ref('int_consent_statements') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by channel, contact_key
            order by consent_at desc nulls last, consent asc, source asc, customer_key asc
        ) as place

    from statements

    where contact_key is not null

),

final as (

    select
        channel,
        contact_key,
        consent,
        consent_at

    from ranked

    where place = 1

)

select * from final
