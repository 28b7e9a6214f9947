with

records as (

    select * from {{ ref('int_trusted_records') }}

),

record_fields as (

    select * from {{ ref('int_record_fields') }}

    where is_valid

),

ranked as (

    select
        records.customer_id,
        record_fields.field,
        records.place,
        record_fields.points,
        row_number() over (
            partition by records.customer_id, record_fields.field
            order by
                records.trust desc,
                record_fields.points desc,
                records.place asc,
                records.customer_key asc
        ) as turn

    from record_fields

    inner join records
        on
            record_fields.source = records.source
            and record_fields.customer_key = records.customer_key

),

final as (

    select
        customer_id,
        field,
        place,
        points

    from ranked

    where turn = 1

)

select * from final
