with

touched_consents as (

    select * from {{ ref('int_touched_consents') }}

),

touched_contacts as (

    select * from {{ ref('int_touched_contacts') }}

),

statements as (

    select * from {{ ref('int_consent_statements') }}

),

final as (

    select customer_id from touched_consents
    union distinct
    select statements.customer_id
    from statements
    inner join touched_contacts on statements.contact_key = touched_contacts.contact_key

)

select * from final
