with

web_events as (

    select * from {{ source('standardised', 'web_events') }}

),

final as (

    select
        source,
        anonymous_key,
        customer_key,
        kind,
        occurred_at,
        page,
        sku,
        utm_source,
        utm_medium,
        utm_campaign,
        source || ':' || source_key as event_id,
        source || ':' || anonymous_key as visitor_id,
        source || ':' || order_key as order_id,
        coalesce(device, 'other') as device

    from web_events

)

select * from final
