with

records as (

    select * from {{ ref('int_record_quality') }}

),

fields as (

    select
        source,
        customer_key,
        max(case when field = 'full_name' and is_valid then 1 else 0 end) as has_name,
        max(case when field = 'email' and is_valid then 1 else 0 end) as has_email,
        max(case when field = 'phone' and is_valid then 1 else 0 end) as has_phone,
        max(case when is_rejected then 1 else 0 end) as has_rejected

    from {{ ref('int_record_fields') }}

    group by
        source,
        customer_key

),

final as (

    select
        records.source,
        count(*) as record_count,
        avg(cast(records.data_quality_score as numeric)) as average_score,
        avg(cast(records.freshness_points as numeric)) as average_freshness_points,
        sum(coalesce(fields.has_name, 0)) as records_with_name,
        sum(coalesce(fields.has_email, 0)) as records_with_email,
        sum(coalesce(fields.has_phone, 0)) as records_with_phone,
        sum(coalesce(fields.has_rejected, 0)) as records_with_rejected_values

    from records

    left join fields
        on
            records.source = fields.source
            and records.customer_key = fields.customer_key

    group by records.source

)

select * from final
