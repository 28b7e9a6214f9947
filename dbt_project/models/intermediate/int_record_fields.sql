{{ config(
    materialized='incremental',
    unique_key=['source', 'customer_key'],
    indexes=[{'columns': ['source', 'customer_key']}],
    meta={'touched_keys': 'int_touched_records'},
) }}

with

customers as (

    select * from {{ ref('stg_customers') }}

    where {{ is_touched('int_touched_records', ['source', 'customer_key']) }}

),

quality_points as (

    select * from {{ ref('record_quality_points') }}

),

fields as (

    {{ record_field('full_name') }}

    union all

    {{ record_field('email') }}

    union all

    {{ record_field('phone') }}

    union all

    {{ record_field('postal_address') }}

    union all

    {{ record_field('birth_date') }}

    union all

    select
        source,
        customer_key,
        'identifier' as field,
        true as is_valid,
        false as is_rejected,
        '' as flags

    from customers

    where account_id is not null or member_number is not null

),

findings as (

    select
        fields.source,
        fields.customer_key,
        fields.field,
        fields.is_valid,
        fields.is_rejected,
        coalesce(sum(quality_points.points), 0) as points

    from fields

    left join quality_points
        on
            fields.field = quality_points.field
            and (
                (quality_points.finding = 'valid' and fields.is_valid)
                or (quality_points.finding = 'rejected' and fields.is_rejected)
                or concat(' ', fields.flags, ' ') like concat('% ', quality_points.finding, ' %')
            )

    group by
        fields.source,
        fields.customer_key,
        fields.field,
        fields.is_valid,
        fields.is_rejected

),

final as (

    select
        source,
        customer_key,
        field,
        is_valid,
        is_rejected,
        case when is_valid and points < 0 then 0 else points end as points

    from findings

)

select * from final
