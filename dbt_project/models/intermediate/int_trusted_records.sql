{{ config(
    materialized='incremental',
    unique_key='customer_id',
    indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_customers', 'rebuilt_with': ['stg_source_trust']},
) }}

with

customers as (

    select * from {{ ref('stg_customers') }}

),

customer_records as (

    select * from {{ ref('stg_customer_records') }}

    where {{ is_touched('int_touched_customers', ['customer_id']) }}

),

source_trust as (

    select * from {{ ref('stg_source_trust') }}

),

final as (

    select
        customer_records.customer_id,
        customers.source,
        customers.customer_key,
        customers.kind,
        customers.member_number,
        customers.full_name,
        customers.given_name,
        customers.family_name,
        customers.email,
        customers.email_key,
        customers.phone,
        customers.gender,
        customers.birth_date,
        customers.postal_address,
        customers.postal_address_key,
        customers.postal_address_level,
        customers.district,
        customers.city,
        customers.region,
        customers.postcode,
        customers.country,
        customers.email_consent,
        customers.email_consent_at,
        customers.sms_consent,
        customers.sms_consent_at,
        customers.created_at,
        customers.updated_at,
        customers.created_date,
        customers.email_is_verified,
        customers.phone_is_verified,
        coalesce(source_trust.trust, 0) as trust,
        rank() over (
            partition by customer_records.customer_id
            order by customers.updated_at desc nulls last
        ) as age_rank

    from customers

    inner join customer_records
        on
            customers.source = customer_records.source
            and customers.customer_key = customer_records.customer_key

    left join source_trust on customers.source = source_trust.source

)

select * from final
