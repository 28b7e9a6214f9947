{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id'], 'unique': true}],
    meta={'touched_keys': 'int_touched_customers'},
) }}

with

records as (

    select * from {{ ref('int_trusted_records') }}

    where {{ is_touched('int_touched_customers', ['customer_id']) }}

),

record_quality as (

    select * from {{ ref('int_record_quality') }}

),

completeness as (

    select
        customer_id,
        sum(points) as points

    from {{ ref('int_field_ranks') }}

    where
        is_survivor
        and {{ is_touched('int_touched_customers', ['customer_id']) }}

    group by customer_id

),

best_records as (

    select
        records.customer_id,
        max(record_quality.updated_date) as updated_date,
        max(record_quality.identifier_points) as identifier_points

    from records

    inner join record_quality
        on
            records.source = record_quality.source
            and records.customer_key = record_quality.customer_key

    group by records.customer_id

),

final as (

    select
        best_records.customer_id,
        best_records.updated_date,
        cast(coalesce(completeness.points, 0) + best_records.identifier_points as bigint) as completeness_points

    from best_records

    left join completeness on best_records.customer_id = completeness.customer_id

)

select * from final
