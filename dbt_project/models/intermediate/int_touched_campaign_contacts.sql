with

contacts as (

    select * from {{ ref('stg_campaign_contacts') }}

),

customer_records as (

    select * from {{ ref('stg_customer_records') }}

),

touched_contacts as (

    {{ touched('standardised.campaign_contacts', 'source_key') }}

),

touched_campaigns as (

    {{ touched('standardised.campaigns', 'source_key') }}

),

touched_records as (

    {{ touched('identity.customer_records', 'source_key') }}

),

touched_customers as (

    {{ touched('identity.customer_records', 'customer_id') }}

),

-- An order may be the conversion of a message to any record of its customer.
touched_buyers as (

    {{ touched('standardised.orders', 'customer_key') }}

),

customers as (

    select key as customer_id
    from touched_customers
    union distinct
    select customer_records.customer_id
    from touched_buyers
    inner join customer_records
        on
            touched_buyers.source = customer_records.source
            and touched_buyers.key = customer_records.customer_key

),

record_keys as (

    select
        source,
        key as customer_key
    from touched_records
    union distinct
    select
        customer_records.source,
        customer_records.customer_key
    from customers
    inner join customer_records on customers.customer_id = customer_records.customer_id

),

keys as (

    select
        source,
        key as contact_key
    from touched_contacts
    union distinct
    select
        contacts.source,
        contacts.contact_key
    from touched_campaigns
    inner join contacts on touched_campaigns.source = contacts.source and touched_campaigns.key = contacts.campaign_key
    union distinct
    select
        contacts.source,
        contacts.contact_key
    from record_keys
    inner join contacts on record_keys.source = contacts.source and record_keys.customer_key = contacts.customer_key

),

final as (

    select
        source,
        contact_key,
        source || ':' || contact_key as campaign_contact_id

    from keys

)

select * from final
