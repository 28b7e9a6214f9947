{#- A view: of some customers, or of all, it is worked out as it is read. -#}
{{ config(materialized='view') }}

with

falls as (
    {{ rfm_fall_rows(ref('int_rfm_cut_points')) }}
),

history as (

    select min(valid_from) as history_start from {{ ref('int_rfm_cut_points') }}

),

fall_days as (

    select
        purchase_days.customer_id,
        purchase_days.next_date,
        falls.valid_from,
        falls.valid_before,
        {{ days_after('purchase_days.purchase_date', 'falls.days_until') }} as point_date

    from {{ ref('int_purchase_days') }} as purchase_days

    cross join falls

),

first_events as (

    select
        customer_id,
        min(event_date) as first_date

    from {{ ref('int_rfm_events') }}

    group by customer_id

),

moments as (

    select
        events.customer_id,
        events.order_count,
        events.amount,
        case when events.purchases > 0 then events.event_date end as purchase_date,
        greatest(events.event_date, history.history_start) as point_date

    from {{ ref('int_rfm_events') }} as events

    cross join history

    union all

    select
        customer_id,
        0 as order_count,
        0 as amount,
        cast(null as date) as purchase_date,
        point_date

    from fall_days

    where
        point_date >= valid_from
        and coalesce(point_date < valid_before, true)
        and coalesce(point_date < next_date, true)

    union all

    select
        first_events.customer_id,
        0 as order_count,
        0 as amount,
        cast(null as date) as purchase_date,
        cut_points.valid_from as point_date

    from first_events

    inner join {{ ref('int_rfm_cut_points') }} as cut_points on first_events.first_date < cut_points.valid_from

),

final as (

    select
        customer_id,
        point_date,
        cast(sum(order_count) as bigint) as order_count,
        sum(amount) as amount,
        max(purchase_date) as purchase_date

    from moments

    group by
        customer_id,
        point_date

)

select * from final
