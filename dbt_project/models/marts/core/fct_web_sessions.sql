{{ config(
    materialized='incremental',
    unique_key='visitor_id',
    indexes=[{'columns': ['visitor_id']}, {'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_visitors'},
) }}

with

events as (

    select
        *,
        lag(occurred_at) over (partition by visitor_id order by occurred_at, event_id) as previous_at

    from {{ ref('stg_web_events') }}

    where {{ is_touched('int_touched_visitors', ['source', 'anonymous_key']) }}

),

customer_records as (

    select * from {{ ref('stg_customer_records') }}

),

numbered as (

    select
        *,
        sum(
            case
                when {{ seconds_between('previous_at', 'occurred_at') }} <= {{ var('web_session_minutes') }} * 60 then 0
                else 1
            end
        ) over (
            partition by visitor_id order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as session_number

    from events

),

placed as (

    select
        numbered.*,
        customer_records.customer_id,
        min(customer_records.customer_id) over (partition by numbered.visitor_id) as first_of_visitor,
        max(customer_records.customer_id) over (partition by numbered.visitor_id) as last_of_visitor,
        row_number() over (
            partition by numbered.visitor_id, numbered.session_number
            order by numbered.occurred_at, numbered.event_id
        ) as place,
        row_number() over (
            partition by numbered.visitor_id, numbered.session_number
            order by case when numbered.utm_source is null then 1 else 0 end, numbered.occurred_at, numbered.event_id
        ) as utm_place

    from numbered

    left join customer_records
        on
            numbered.source = customer_records.source
            and numbered.customer_key = customer_records.customer_key

),

sessions as (

    select
        visitor_id,
        source,
        max(case when place = 1 then event_id end) as session_id,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        max(case when place = 1 then page end) as landing_page,
        max(case when place = 1 then device end) as device,
        max(case when utm_place = 1 then utm_source end) as utm_source,
        max(case when utm_place = 1 then utm_medium end) as utm_medium,
        max(case when utm_place = 1 then utm_campaign end) as utm_campaign,
        count(*) as event_count,
        count(case when kind in ('page_view', 'product_view') then 1 end) as page_count,
        count(case when kind = 'product_view' then 1 end) as product_view_count,
        count(case when kind = 'cart_add' then 1 end) as cart_add_count,
        count(case when kind = 'search' then 1 end) as search_count,
        count(case when kind = 'order' then 1 end) as order_count,
        min(case when kind = 'order' then order_id end) as order_id,
        case
            when min(customer_id) = max(customer_id) then min(customer_id)
            when min(customer_id) is null and min(first_of_visitor) = max(last_of_visitor) then min(first_of_visitor)
        end as customer_id,
        count(customer_id) > 0 as is_signed_in

    from placed

    group by visitor_id, source, session_number

),

final as (

    select
        *,
        {{ business_date('started_at') }} as started_date,
        cast({{ seconds_between('started_at', 'ended_at') }} as integer) as duration_seconds

    from sessions

)

select * from final
