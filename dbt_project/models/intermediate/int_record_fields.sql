{{ config(
    materialized='incremental', unique_key=['source', 'customer_key'],
    indexes=[{'columns': ['source', 'customer_key']}], meta={'touched_keys': 'int_touched_records'},
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

-- So many records have so few kinds of fields that the points are looked up once for each kind.
kinds as (

    select distinct
        field,
        is_valid,
        is_rejected,
        flags

    from fields

),

findings as (

    select
        kinds.field,
        kinds.is_valid,
        kinds.is_rejected,
        kinds.flags,
        coalesce(sum(quality_points.points), 0) as points

    from kinds

    left join quality_points
        on
            kinds.field = quality_points.field
            and (
                (quality_points.finding = 'valid' and kinds.is_valid)
                or (quality_points.finding = 'rejected' and kinds.is_rejected)
                or concat(' ', kinds.flags, ' ') like concat('% ', quality_points.finding, ' %')
            )

    group by
        kinds.field,
        kinds.is_valid,
        kinds.is_rejected,
        kinds.flags

),

final as (

    select
        fields.source,
        fields.customer_key,
        fields.field,
        fields.is_valid,
        fields.is_rejected,
        case when fields.is_valid and findings.points < 0 then 0 else findings.points end as points

    from fields

    inner join findings
        on
            fields.field = findings.field
            and fields.is_valid = findings.is_valid
            and fields.is_rejected = findings.is_rejected
            and fields.flags = findings.flags

)

select * from final
