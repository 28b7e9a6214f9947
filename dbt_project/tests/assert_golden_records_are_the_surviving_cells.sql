-- Every field of every customer is the value of its surviving cell, and nothing else is.
with

customers as (

    select * from {{ ref('dim_customers') }}

    where {{ is_looked_at('customer_cells') }}

),

fields as (

    select * from {{ ref('golden_fields') }}

),

golden as (

    select
        customers.customer_id,
        fields.field,
        case fields.field
            when 'full_name' then customers.full_name
            when 'given_name' then customers.given_name
            when 'family_name' then customers.family_name
            when 'email' then customers.email
            when 'phone' then customers.phone
            when 'postal_address' then customers.postal_address
            when 'district' then customers.district
            when 'city' then customers.city
            when 'region' then customers.region
            when 'postcode' then customers.postcode
            when 'country' then customers.country
            when 'birth_date' then cast(customers.birth_date as text)
            when 'gender' then customers.gender
            when 'member_number' then customers.member_number
        end as value

    from customers

    cross join fields

),

cells as (

    select * from {{ ref('customer_cells') }}

    where
        is_survivor
        and {{ is_looked_at('customer_cells') }}

),

final as (

    select
        coalesce(golden.customer_id, cells.customer_id) as customer_id,
        coalesce(golden.field, cells.field) as field

    from golden

    full outer join cells
        on
            golden.customer_id = cells.customer_id
            and golden.field = cells.field

    where
        golden.customer_id is null
        or coalesce(golden.value, '') <> coalesce(cells.value, '')

)

select * from final
