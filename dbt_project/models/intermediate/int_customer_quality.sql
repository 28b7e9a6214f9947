with

records as (

    select * from {{ ref('int_trusted_records') }}

),

record_quality as (

    select * from {{ ref('int_record_quality') }}

),

identifiers as (

    select * from {{ ref('int_record_fields') }}

    where field = 'identifier'

),

completeness as (

    select
        customer_id,
        sum(points) as points

    from {{ ref('int_field_ranks') }}

    where is_survivor

    group by customer_id

),

best_records as (

    select
        records.customer_id,
        max(record_quality.freshness_points) as freshness_points,
        coalesce(max(identifiers.points), 0) as identifier_points

    from records

    inner join record_quality
        on
            records.source = record_quality.source
            and records.customer_key = record_quality.customer_key

    left join identifiers
        on
            records.source = identifiers.source
            and records.customer_key = identifiers.customer_key

    group by records.customer_id

),

final as (

    select
        best_records.customer_id,
        cast(
            coalesce(completeness.points, 0) + best_records.identifier_points + best_records.freshness_points as bigint
        ) as data_quality_score

    from best_records

    left join completeness on best_records.customer_id = completeness.customer_id

)

select * from final
