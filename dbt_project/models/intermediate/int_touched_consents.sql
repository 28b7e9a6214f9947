with

nights as (

    {{ nights_since_builds() }}

),

touched_customers as (

    select * from {{ ref('int_touched_customers') }}

),

records as (

    select * from {{ ref('int_trusted_records') }}

),

-- What is dated ahead of a night counts otherwise once it has come.
dated_ahead as (

    select records.customer_id

    from records

    cross join nights

    where
        {{ business_date('records.email_consent_at') }} > nights.first_night
        or {{ business_date('records.sms_consent_at') }} > nights.first_night

),

final as (

    select customer_id from touched_customers
    union distinct
    select customer_id from dated_ahead

)

select * from final
