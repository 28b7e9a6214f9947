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
        min(case when full_name is not null then place end) as name_place,
        min(case when email is not null then place end) as email_place,
        min(case when phone is not null then place end) as phone_place,
        min(case when gender is not null then place end) as gender_place,
        min(case when birth_date is not null then place end) as birth_date_place,
        min(case when member_number is not null then place end) as member_number_place,
        coalesce(
            min(case when postal_address is not null then place end),
            min(case when coalesce(city, region, postcode, country) is not null then place end)
        ) as address_place

    from records

    group by customer_id

),

final as (

    select
        places.customer_id,
        places.record_count,
        places.source_count,
        places.first_created_date,
        max(case when records.place = places.name_place then records.full_name end) as full_name,
        max(case when records.place = places.name_place then records.given_name end) as given_name,
        max(case when records.place = places.name_place then records.family_name end) as family_name,
        max(case when records.place = places.email_place then records.email end) as email,
        max(case when records.place = places.phone_place then records.phone end) as phone,
        max(case when records.place = places.gender_place then records.gender end) as gender,
        max(case when records.place = places.birth_date_place then records.birth_date end) as birth_date,
        max(case when records.place = places.member_number_place then records.member_number end) as member_number,
        max(case when records.place = places.address_place then records.postal_address end) as postal_address,
        max(case when records.place = places.address_place then records.city end) as city,
        max(case when records.place = places.address_place then records.region end) as region,
        max(case when records.place = places.address_place then records.postcode end) as postcode,
        max(case when records.place = places.address_place then records.country end) as country

    from places

    inner join records on places.customer_id = records.customer_id

    group by
        places.customer_id,
        places.record_count,
        places.source_count,
        places.first_created_date

)

select * from final
