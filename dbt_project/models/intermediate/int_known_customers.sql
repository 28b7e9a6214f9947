{{ config(materialized='view') }}

with

customers as (

    select * from {{ ref('stg_identified_customers') }}

),

golden_records as (

    select * from {{ ref('int_golden_records') }}

),

final as (

    select
        customers.customer_id,
        least(
            coalesce(golden_records.first_created_date, {{ night_that_ended('customers.first_seen_as_of') }}),
            {{ night() }}
        ) as known_on

    from customers

    left join golden_records on customers.customer_id = golden_records.customer_id

)

select * from final
