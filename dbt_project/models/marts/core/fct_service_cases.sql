with

cases as (

    select * from {{ ref('stg_cases') }}

),

customer_records as (

    select * from {{ ref('stg_customer_records') }}

),

orders as (

    select * from {{ ref('int_orders_by_number') }}

),

messages as (

    select * from {{ ref('int_case_messages') }}

),

resolutions as (

    select * from {{ ref('int_case_resolutions') }}

),

ratings as (

    select * from {{ ref('int_case_ratings') }}

),

final as (

    select
        cases.case_id,
        cases.source,
        customer_records.customer_id,
        cases.kind,
        cases.status,
        cases.channel,
        orders.order_id,
        cases.opened_at,
        cases.opened_date,
        cases.is_open,
        cases.closed_at,
        messages.first_response_at,
        {{ hours_between('cases.opened_at', 'messages.first_response_at') }} as first_response_hours,
        resolutions.resolved_at,
        {{ hours_between('cases.opened_at', 'resolutions.resolved_at') }} as resolution_hours,
        coalesce(messages.message_count, 0) as message_count,
        ratings.last_rating,
        ratings.last_rated_at

    from cases

    left join customer_records
        on
            cases.source = customer_records.source
            and cases.customer_key = customer_records.customer_key

    left join orders on cases.order_number = orders.order_number

    left join messages on cases.case_id = messages.case_id

    left join resolutions on cases.case_id = resolutions.case_id

    left join ratings on cases.case_id = ratings.case_id

)

select * from final
