with

freshness as (

    select points from {{ ref('record_quality_points') }}

    where field = 'freshness' and finding = 'valid'

),

records as (

    select
        record_quality.*,
        cast({{ freshness_points('record_quality.updated_date', 'freshness.points') }} as numeric) as freshness_points

    from {{ ref('int_record_quality') }} as record_quality

    cross join freshness

),

final as (

    select
        source,
        count(*) as record_count,
        avg(completeness_points + freshness_points) as average_score,
        avg(freshness_points) as average_freshness_points,
        count(case when has_name then 1 end) as records_with_name,
        count(case when has_email then 1 end) as records_with_email,
        count(case when has_phone then 1 end) as records_with_phone,
        count(case when has_rejected_value then 1 end) as records_with_rejected_values

    from records

    group by source

)

select * from final
