{{ config(
    materialized='incremental',
    unique_key=['source', 'customer_key'],
    indexes=[{'columns': ['source', 'customer_key'], 'unique': true}],
    meta={'touched_keys': 'int_touched_records'},
) }}

with

customers as (

    select * from {{ ref('stg_customers') }}

    where {{ is_touched('int_touched_records', ['source', 'customer_key']) }}

),

fields as (

    select
        source,
        customer_key,
        sum(points) as points,
        max(case when field = 'identifier' then points else 0 end) as identifier_points,
        max(case when field = 'full_name' and is_valid then 1 else 0 end) = 1 as has_name,
        max(case when field = 'email' and is_valid then 1 else 0 end) = 1 as has_email,
        max(case when field = 'phone' and is_valid then 1 else 0 end) = 1 as has_phone,
        max(case when is_rejected then 1 else 0 end) = 1 as has_rejected_value

    from {{ ref('int_record_fields') }}

    where {{ is_touched('int_touched_records', ['source', 'customer_key']) }}

    group by
        source,
        customer_key

),

final as (

    select
        customers.source,
        customers.customer_key,
        {{ business_date('customers.updated_at') }} as updated_date,
        cast(case when fields.points > 0 then fields.points else 0 end as bigint) as completeness_points,
        cast(coalesce(fields.identifier_points, 0) as bigint) as identifier_points,
        coalesce(fields.has_name, false) as has_name,
        coalesce(fields.has_email, false) as has_email,
        coalesce(fields.has_phone, false) as has_phone,
        coalesce(fields.has_rejected_value, false) as has_rejected_value

    from customers

    left join fields
        on
            customers.source = fields.source
            and customers.customer_key = fields.customer_key

)

select * from final
