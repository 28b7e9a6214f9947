{{ config(
    materialized='incremental',
    unique_key='customer_id',
    indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_customers'},
) }}

{#- The record that survives in a field group gives all its fields, so that no two records are mixed. -#}

with

records as (

    select * from {{ ref('int_trusted_records') }}

    where {{ is_touched('int_touched_customers', ['customer_id']) }}

),

survivors as (

    select * from {{ ref('int_field_ranks') }}

    where
        is_survivor
        and {{ is_touched('int_touched_customers', ['customer_id']) }}

),

totals as (

    select
        customer_id,
        count(*) as record_count,
        count(distinct source) as source_count,
        min(created_date) as first_created_date

    from records

    group by customer_id

),

fields as (

    select
        survivors.customer_id,
        max(case when survivors.field_group = 'full_name' then records.full_name end) as full_name,
        max(case when survivors.field_group = 'full_name' then records.given_name end) as given_name,
        max(case when survivors.field_group = 'full_name' then records.family_name end) as family_name,
        max(case when survivors.field_group = 'email' then records.email end) as email,
        max(case when survivors.field_group = 'phone' then records.phone end) as phone,
        max(case when survivors.field_group = 'gender' then records.gender end) as gender,
        max(case when survivors.field_group = 'birth_date' then records.birth_date end) as birth_date,
        max(case when survivors.field_group = 'member_number' then records.member_number end) as member_number,
        max(case when survivors.field_group = 'postal_address' then records.postal_address end) as postal_address,
        max(case when survivors.field_group = 'postal_address' then records.district end) as district,
        max(case when survivors.field_group = 'postal_address' then records.city end) as city,
        max(case when survivors.field_group = 'postal_address' then records.region end) as region,
        max(case when survivors.field_group = 'postal_address' then records.postcode end) as postcode,
        max(case when survivors.field_group = 'postal_address' then records.country end) as country

    from survivors

    inner join records
        on
            survivors.source = records.source
            and survivors.customer_key = records.customer_key

    group by survivors.customer_id

),

final as (

    select
        totals.customer_id,
        totals.record_count,
        totals.source_count,
        totals.first_created_date,
        fields.full_name,
        fields.given_name,
        fields.family_name,
        fields.email,
        fields.phone,
        fields.gender,
        fields.birth_date,
        fields.member_number,
        fields.postal_address,
        fields.district,
        fields.city,
        fields.region,
        fields.postcode,
        fields.country

    from totals

    left join fields on totals.customer_id = fields.customer_id

)

select * from final
