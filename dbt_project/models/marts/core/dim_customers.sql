with

customers as (

    select * from {{ ref('stg_identified_customers') }}

),

golden_records as (

    select * from {{ ref('int_golden_records') }}

),

household_members as (

    select * from {{ ref('stg_household_members') }}

),

customer_quality as (

    select * from {{ ref('int_customer_quality') }}

),

freshness as (

    select points from {{ ref('record_quality_points') }}

    where field = 'freshness' and finding = 'valid'

),

final as (

    select
        customers.customer_id,
        golden_records.full_name,
        golden_records.given_name,
        golden_records.family_name,
        golden_records.email,
        golden_records.phone,
        golden_records.gender,
        golden_records.birth_date,
        golden_records.postal_address,
        golden_records.district,
        golden_records.city,
        golden_records.region,
        golden_records.postcode,
        golden_records.country,
        golden_records.member_number,
        golden_records.first_created_date,
        household_members.household_id,
        customers.first_seen_as_of,
        coalesce(customer_quality.completeness_points, 0)
        + {{ freshness_points('customer_quality.updated_date', 'freshness.points') }} as data_quality_score,
        coalesce(golden_records.record_count, 0) as record_count,
        coalesce(golden_records.source_count, 0) as source_count

    from customers

    left join golden_records on customers.customer_id = golden_records.customer_id

    left join household_members on customers.customer_id = household_members.customer_id

    left join customer_quality on customers.customer_id = customer_quality.customer_id

    cross join freshness

)

select * from final
