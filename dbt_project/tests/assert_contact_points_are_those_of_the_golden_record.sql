-- A contact of the golden record is the one primary point of its type; one that may be used is a point with consent.
with

points as (

    select * from {{ ref('customer_contact_points') }}

    where {{ holds_tonight() }}

),

expected as (

    select
        customer_id,
        'email' as contact_type,
        email as contact
    from {{ ref('dim_customers') }}
    where email is not null
    union all
    select
        customer_id,
        'phone' as contact_type,
        phone as contact
    from {{ ref('dim_customers') }}
    where phone is not null
    union all
    select
        customer_id,
        'postal_address' as contact_type,
        postal_address as contact
    from {{ ref('dim_customers') }}
    where postal_address is not null
),

found as (

    select
        customer_id,
        contact_type,
        contact
    from points
    where role = 'primary'
),

final as (

    select
        coalesce(expected.customer_id, found.customer_id) as customer_id,
        coalesce(expected.contact_type, found.contact_type) as contact_type

    from expected

    full outer join found
        on
            expected.customer_id = found.customer_id
            and expected.contact_type = found.contact_type

    where
        expected.contact is null
        or found.contact is null
        or expected.contact <> found.contact

    union all

    select
        consents.customer_id,
        consents.channel as contact_type

    from {{ ref('customer_consents') }} as consents

    left join points
        on
            consents.customer_id = points.customer_id
            and consents.channel = points.channel
            and points.marketing_consent = 'granted'

    where (consents.contact is null) <> (points.customer_id is null)

)

select * from final
