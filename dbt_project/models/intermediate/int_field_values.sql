{{ config(
    materialized='incremental',
    unique_key='customer_id',
    indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_customers'},
) }}

with

ranks as (

    select * from {{ ref('int_field_ranks') }}

    where {{ is_touched('int_touched_customers', ['customer_id']) }}

),

records as (

    select * from {{ ref('int_trusted_records') }}

    where {{ is_touched('int_touched_customers', ['customer_id']) }}

),

fields as (

    select * from {{ ref('golden_fields') }}

),

final as (

    select
        ranks.customer_id,
        ranks.field_group,
        fields.field,
        ranks.source,
        ranks.customer_key,
        ranks.place,
        ranks.is_survivor,
        ranks.lost_in_turn,
        case fields.field
            when 'full_name' then records.full_name
            when 'given_name' then records.given_name
            when 'family_name' then records.family_name
            when 'email' then records.email
            when 'phone' then records.phone
            when 'postal_address' then records.postal_address
            when 'district' then records.district
            when 'city' then records.city
            when 'region' then records.region
            when 'postcode' then records.postcode
            when 'country' then records.country
            when 'birth_date' then cast(records.birth_date as text)
            when 'gender' then records.gender
            when 'member_number' then records.member_number
        end as value

    from ranks

    inner join records
        on
            ranks.source = records.source
            and ranks.customer_key = records.customer_key

    inner join fields on ranks.field_group = fields.field_group

)

select * from final
