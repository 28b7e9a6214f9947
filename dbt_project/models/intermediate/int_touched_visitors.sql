with

touched_events as (

    {{ touched('standardised.web_events', 'anonymous_key') }}

),

touched_customers as (

    {{ touched('identity.customer_records', 'source_key') }}

),

web_events as (

    select * from {{ ref('stg_web_events') }}

),

keys as (

    select
        source,
        key as anonymous_key
    from touched_events
    union distinct
    select
        web_events.source,
        web_events.anonymous_key
    from touched_customers
    inner join web_events
        on
            touched_customers.source = web_events.source
            and touched_customers.key = web_events.customer_key

),

final as (

    select
        source,
        anonymous_key,
        source || ':' || anonymous_key as visitor_id

    from keys

)

select * from final
