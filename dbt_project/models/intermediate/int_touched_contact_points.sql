-- Who shares a contact is told of what anybody has said of it; a denial without a date counts as said on each night.
with

points as (

    select * from {{ ref('int_contact_points') }}

),

touched_contacts as (

    select * from {{ ref('int_touched_contacts') }}

),

decisions as (

    select * from {{ ref('int_consent_decisions') }}

),

contact_consents as (

    select * from {{ ref('int_contact_consents') }}

),

told_again as (

    select contact_key from touched_contacts
    union distinct
    select contact_key
    from contact_consents
    where counts_as_now

),

final as (

    select customer_id from {{ ref('int_touched_consents') }}
    union distinct
    select customer_id
    from decisions
    where counts_as_now
    union distinct
    select points.customer_id
    from points
    inner join told_again on points.contact_key = told_again.contact_key

)

select * from final
