{#- The record that gives the first column of a block gives all of it, so that no two records are mixed. -#}

with

records as (

    select * from {{ ref('int_trusted_records') }}

),

places as (

    select
        customer_id,
        count(*) as record_count,
        count(distinct source) as source_count,
        min(created_date) as first_created_date,
        min(case when gender is not null then place end) as gender_place,
        min(case when member_number is not null then place end) as member_number_place,
        min(case when coalesce(city, region, postcode, country) is not null then place end) as area_place

    from records

    group by customer_id

),

field_places as (

    select
        customer_id,
        max(case when field = 'full_name' then place end) as name_place,
        max(case when field = 'email' then place end) as email_place,
        max(case when field = 'phone' then place end) as phone_place,
        max(case when field = 'birth_date' then place end) as birth_date_place,
        max(case when field = 'postal_address' then place end) as address_place

    from {{ ref('int_believed_fields') }}

    group by customer_id

),

all_places as (

    select
        places.customer_id,
        places.record_count,
        places.source_count,
        places.first_created_date,
        places.gender_place,
        places.member_number_place,
        field_places.name_place,
        field_places.email_place,
        field_places.phone_place,
        field_places.birth_date_place,
        coalesce(field_places.address_place, places.area_place) as address_place

    from places

    left join field_places on places.customer_id = field_places.customer_id

),

final as (

    select
        all_places.customer_id,
        all_places.record_count,
        all_places.source_count,
        all_places.first_created_date,
        max(case when records.place = all_places.name_place then records.full_name end) as full_name,
        max(case when records.place = all_places.name_place then records.given_name end) as given_name,
        max(case when records.place = all_places.name_place then records.family_name end) as family_name,
        max(case when records.place = all_places.email_place then records.email end) as email,
        max(case when records.place = all_places.phone_place then records.phone end) as phone,
        max(case when records.place = all_places.gender_place then records.gender end) as gender,
        max(case when records.place = all_places.birth_date_place then records.birth_date end) as birth_date,
        max(case when records.place = all_places.member_number_place then records.member_number end) as member_number,
        max(case when records.place = all_places.address_place then records.postal_address end) as postal_address,
        max(case when records.place = all_places.address_place then records.city end) as city,
        max(case when records.place = all_places.address_place then records.region end) as region,
        max(case when records.place = all_places.address_place then records.postcode end) as postcode,
        max(case when records.place = all_places.address_place then records.country end) as country

    from all_places

    inner join records on all_places.customer_id = records.customer_id

    group by
        all_places.customer_id,
        all_places.record_count,
        all_places.source_count,
        all_places.first_created_date

)

select * from final
