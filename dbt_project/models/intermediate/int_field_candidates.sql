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

record_fields as (

    select * from {{ ref('int_record_fields') }}

),

survivorship as (

    select * from {{ ref('survivorship') }}

),

candidates as (

    {{ field_candidates('full_name', 'full_name is not null', completeness=completeness_of_name()) }}

    union all

    {{ field_candidates('email', 'email is not null', is_verified='email_is_verified') }}

    union all

    {{ field_candidates('phone', 'phone is not null', is_verified='phone_is_verified') }}

    union all

    {{
        field_candidates(
            'postal_address',
            'coalesce(postal_address, city, region, postcode, country) is not null',
            completeness=completeness_of_address(),
        )
    }}

    union all

    {{ field_candidates('birth_date', 'birth_date is not null') }}

    union all

    {{ field_candidates('gender', 'gender is not null') }}

    union all

    {{ field_candidates('member_number', 'member_number is not null') }}

),

final as (

    select
        candidates.customer_id,
        candidates.field_group,
        candidates.source,
        candidates.customer_key,
        coalesce(record_fields.points, 0) as points,
        {{ strategy_score('first') }} as first_score,
        {{ strategy_score('second') }} as second_score,
        {{ strategy_score('third') }} as third_score,
        {{ strategy_score('fourth') }} as fourth_score

    from candidates

    inner join survivorship on candidates.field_group = survivorship.field_group

    left join record_fields
        on
            candidates.source = record_fields.source
            and candidates.customer_key = record_fields.customer_key
            and candidates.field_group = record_fields.field

)

select * from final
