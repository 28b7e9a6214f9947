with

customers as (

    select * from {{ source('standardised', 'customers') }}

),

final as (

    select
        source,
        source_key as customer_key,
        kind,
        account_id,
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
        coalesce(postal_address_key, postal_address) as postal_address_key,
        postal_address_level,
        postal_address_district as district,
        coalesce(postal_address_city, city) as city,
        -- A line that names its district says all there is of the places above it: Taiwan has no region.
        coalesce(postal_address_region, case when postal_address_district is null then region end) as region,
        coalesce(postal_address_postcode, postcode) as postcode,
        coalesce(postal_address_country, country) as country,
        email_consent,
        email_consent_at,
        sms_consent,
        sms_consent_at,
        full_name_flags,
        email_flags,
        phone_flags,
        postal_address_flags,
        birth_date_flags,
        coalesce(email is not null and email_verified = 'true', false) as email_is_verified,
        coalesce(phone is not null and phone_verified = 'true', false) as phone_is_verified,
        coalesce(full_name is null and length(trim(full_name_raw)) > 0, false) as full_name_is_rejected,
        coalesce(email is null and length(trim(email_raw)) > 0, false) as email_is_rejected,
        coalesce(phone is null and length(trim(phone_raw)) > 0, false) as phone_is_rejected,
        coalesce(postal_address is null and length(trim(postal_address_raw)) > 0, false) as postal_address_is_rejected,
        coalesce(birth_date is null and length(trim(birth_date_raw)) > 0, false) as birth_date_is_rejected,
        created_at,
        coalesce(updated_at, created_at) as updated_at,
        {{ business_date('created_at') }} as created_date

    from customers

)

select * from final
