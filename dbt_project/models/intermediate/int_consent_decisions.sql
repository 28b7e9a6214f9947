with

statements as (

    select * from {{ ref('int_consent_statements') }}

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

final as (

    select
        customer_id,
        channel,
        consent,
        consent_at

    from ranked

    where place = 1

)

select * from final
