with

contacts as (

    select * from {{ source('standardised', 'campaign_contacts') }}

),

final as (

    select
        source,
        source_key as contact_key,
        campaign_key,
        customer_key,
        channel,
        segment,
        sent_at,
        delivered_at,
        opened_at,
        clicked_at,
        unsubscribed_at,
        bounced_at,
        source || ':' || source_key as campaign_contact_id,
        source || ':' || campaign_key as campaign_id,
        coalesce(is_holdout = 'true', false) as is_holdout,
        coalesce(due_at, sent_at) as due_at

    from contacts

)

select * from final
