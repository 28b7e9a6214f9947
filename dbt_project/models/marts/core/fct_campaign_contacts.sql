{{ config(
    materialized='incremental',
    unique_key='campaign_contact_id',
    indexes=[{'columns': ['campaign_contact_id'], 'unique': true}, {'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_campaign_contacts'},
) }}

with

contacts as (

    select * from {{ ref('stg_campaign_contacts') }}

    where {{ is_touched('int_touched_campaign_contacts', ['source', 'contact_key']) }}

),

campaigns as (

    select * from {{ ref('stg_campaigns') }}

),

customer_records as (

    select * from {{ ref('stg_customer_records') }}

),

campaign_orders as (

    select * from {{ ref('int_campaign_orders') }}

    where {{ is_touched('int_touched_campaign_contacts', ['campaign_contact_id']) }}

),

conversions as (

    select
        campaign_contact_id,
        min(ordered_at) as converted_at

    from campaign_orders

    where is_conversion

    group by campaign_contact_id

),

final as (

    select
        contacts.campaign_contact_id,
        contacts.source,
        contacts.contact_key,
        contacts.campaign_id,
        customer_records.customer_id,
        contacts.customer_key,
        contacts.is_holdout,
        contacts.sent_at,
        contacts.delivered_at,
        contacts.opened_at,
        contacts.clicked_at,
        conversions.converted_at,
        contacts.unsubscribed_at,
        contacts.bounced_at,
        coalesce(contacts.channel, campaigns.channel, 'unknown') as channel,
        coalesce(contacts.segment, campaigns.segment, 'none') as segment,
        coalesce(contacts.due_at, campaigns.starts_at) as due_at,
        {{ business_date('coalesce(contacts.due_at, campaigns.starts_at)') }} as due_date,
        contacts.sent_at is not null and contacts.bounced_at is null and not contacts.is_holdout as is_reached

    from contacts

    left join campaigns on contacts.campaign_id = campaigns.campaign_id

    left join customer_records
        on
            contacts.source = customer_records.source
            and contacts.customer_key = customer_records.customer_key

    left join conversions on contacts.campaign_contact_id = conversions.campaign_contact_id

)

select * from final
