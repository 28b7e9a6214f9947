{{ config(
    materialized='incremental',
    unique_key='campaign_contact_id',
    indexes=[{'columns': ['campaign_contact_id', 'order_id'], 'unique': true}],
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

orders as (

    select * from {{ ref('stg_orders') }}

),

of_customers as (

    select
        contacts.campaign_contact_id,
        contacts.campaign_id,
        contacts.opened_at,
        contacts.clicked_at,
        customer_records.customer_id,
        coalesce(contacts.due_at, campaigns.starts_at) as due_at

    from contacts

    inner join customer_records
        on
            contacts.source = customer_records.source
            and contacts.customer_key = customer_records.customer_key

    left join campaigns on contacts.campaign_id = campaigns.campaign_id

),

with_orders as (

    select
        of_customers.*,
        orders.order_id,
        orders.ordered_at,
        case
            when of_customers.clicked_at <= orders.ordered_at then of_customers.clicked_at
            when of_customers.opened_at <= orders.ordered_at then of_customers.opened_at
        end as touched_at

    from of_customers

    inner join customer_records on of_customers.customer_id = customer_records.customer_id

    inner join orders
        on
            customer_records.source = orders.source
            and customer_records.customer_key = orders.customer_key

    where orders.status <> 'cancelled'

),

judged as (

    select
        *,
        coalesce(
            ordered_at >= due_at
            and ordered_at < {{ hours_after('due_at', var('campaign_conversion_days') * 24) }}, false
        ) as is_conversion,
        coalesce(
            ordered_at < {{ hours_after('touched_at', var('attribution_window_days') * 24) }}, false
        ) as is_touch

    from with_orders

),

final as (

    select
        campaign_contact_id,
        campaign_id,
        customer_id,
        order_id,
        ordered_at,
        is_conversion,
        case when is_touch then touched_at end as touched_at

    from judged

    where is_conversion or is_touch

)

select * from final
