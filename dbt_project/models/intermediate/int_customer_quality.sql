{#- A customer's field is worth what the record gives for it that the golden record takes it from. -#}
with

records as (

    select * from {{ ref('int_trusted_records') }}

),

fields as (

    select
        records.customer_id,
        records.place,
        record_fields.field,
        record_fields.points

    from {{ ref('int_record_fields') }} as record_fields

    inner join records
        on
            record_fields.source = records.source
            and record_fields.customer_key = records.customer_key

    where record_fields.is_valid

),

first_places as (

    select
        customer_id,
        field,
        min(place) as place

    from fields

    group by
        customer_id,
        field

),

completeness as (

    select
        fields.customer_id,
        sum(fields.points) as points

    from fields

    inner join first_places
        on
            fields.customer_id = first_places.customer_id
            and fields.field = first_places.field
            and fields.place = first_places.place

    group by fields.customer_id

),

freshness as (

    select
        customer_id,
        max(freshness_points) as points

    from records

    group by customer_id

),

final as (

    select
        freshness.customer_id,
        cast(coalesce(completeness.points, 0) + freshness.points as bigint) as data_quality_score

    from freshness

    left join completeness on freshness.customer_id = completeness.customer_id

)

select * from final
