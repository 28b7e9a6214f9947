{{ config(
    materialized='incremental',
    unique_key='customer_id',
    indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_customers'},
) }}

with

records as (

    select * from {{ ref('int_trusted_records') }}

    where {{ is_touched('int_touched_customers', ['customer_id']) }}

),

final as (

    select
        customer_id,
        'email' as contact_type,
        email_key as contact_key,
        email as contact,
        source,
        customer_key,
        email_is_verified as is_verified,
        created_at,
        updated_at

    from records

    where email is not null

    union all

    select
        customer_id,
        'phone' as contact_type,
        phone as contact_key,
        phone as contact,
        source,
        customer_key,
        phone_is_verified as is_verified,
        created_at,
        updated_at

    from records

    where phone is not null

    union all

    select
        customer_id,
        'postal_address' as contact_type,
        postal_address_key as contact_key,
        postal_address as contact,
        source,
        customer_key,
        false as is_verified,
        created_at,
        updated_at

    from records

    where postal_address is not null

)

select * from final
