{{ config(
    materialized='incremental',
    unique_key='customer_id',
    indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_customers'},
) }}

with

record_contacts as (

    select * from {{ ref('int_record_contacts') }}

    where {{ is_touched('int_touched_customers', ['customer_id']) }}

),

ranks as (

    select * from {{ ref('int_field_ranks') }}

    where {{ is_touched('int_touched_customers', ['customer_id']) }}

),

ranked as (

    select
        record_contacts.*,
        ranks.is_survivor,
        row_number() over (
            partition by record_contacts.customer_id, record_contacts.contact_type, record_contacts.contact_key
            order by ranks.place asc, record_contacts.customer_key asc
        ) as turn,
        row_number() over (
            partition by
                record_contacts.customer_id,
                record_contacts.contact_type,
                record_contacts.contact_key,
                record_contacts.source
            order by ranks.place asc, record_contacts.customer_key asc
        ) as turn_in_source

    from record_contacts

    inner join ranks
        on
            record_contacts.source = ranks.source
            and record_contacts.customer_key = ranks.customer_key
            and record_contacts.contact_type = ranks.field_group

),

final as (

    select
        customer_id,
        contact_type,
        contact_key,
        max(case when turn = 1 then contact end) as contact,
        max(case when is_survivor then 1 else 0 end) = 1 as is_primary,
        max(case when is_verified then 1 else 0 end) = 1 as is_verified,
        min(created_at) as first_seen_at,
        max(updated_at) as last_seen_at,
        count(*) as record_count,
        {{ joined_text("case when turn_in_source = 1 then source end", "source") }} as sources

    from ranked

    group by
        customer_id,
        contact_type,
        contact_key

)

select * from final
