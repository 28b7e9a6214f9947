with

customers as (

    select * from {{ source('standardised', 'customers') }}

),

final as (

    select
        source,
        source_key as customer_key,
        kind,
        member_number,
        full_name,
        full_name_given as given_name,
        full_name_family as family_name,
        email,
        coalesce(email_key, email) as email_key,
        phone,
        gender,
        birth_date,
        postal_address,
        city,
        region,
        postcode,
        country,
        email_consent,
        email_consent_at,
        sms_consent,
        sms_consent_at,
        created_at,
        coalesce(updated_at, created_at) as updated_at,
        {{ business_date('created_at') }} as created_date

    from customers

)

select * from final
