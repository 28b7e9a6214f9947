with

records as (

    select * from {{ ref('int_trusted_records') }}

),

record_quality as (

    select * from {{ ref('int_record_quality') }}

),

completeness as (

    select
        customer_id,
        sum(points) as points

    from {{ ref('int_believed_fields') }}

    group by customer_id

),

freshness as (

    select
        records.customer_id,
        max(record_quality.freshness_points) as points

    from records

    inner join record_quality
        on
            records.source = record_quality.source
            and records.customer_key = record_quality.customer_key

    group by records.customer_id

),

final as (

    select
        freshness.customer_id,
        cast(coalesce(completeness.points, 0) + freshness.points as bigint) as data_quality_score

    from freshness

    left join completeness on freshness.customer_id = completeness.customer_id

)

select * from final
