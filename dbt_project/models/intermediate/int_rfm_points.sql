with

cut_points as (

    select * from {{ ref('int_rfm_cut_points') }}

),

events as (

    select * from {{ ref('int_rfm_events') }}

),

history as (

    select min(valid_from) as history_start from cut_points

),

purchases as (

    select
        customer_id,
        event_date as purchase_date,
        coalesce(
            lead(event_date) over (partition by customer_id order by event_date), {{ days_after(night(), 1) }}
        ) as next_date

    from events

    where purchases > 0

),

falls as (
    {{ rfm_fall_rows() }}
),

first_events as (

    select
        customer_id,
        min(event_date) as first_date

    from events

    group by customer_id

),

moments as (

    select
        events.customer_id,
        events.order_count,
        events.amount,
        case when events.purchases > 0 then events.event_date end as purchase_date,
        greatest(events.event_date, history.history_start) as point_date

    from events

    cross join history

    union all

    select
        purchases.customer_id,
        0 as order_count,
        0 as amount,
        cast(null as date) as purchase_date,
        {{ days_after('purchases.purchase_date', 'falls.days_until') }} as point_date

    from purchases

    inner join falls
        on
            purchases.next_date > {{ days_after('purchases.purchase_date', 'falls.days_until') }}
            and falls.valid_from <= {{ days_after('purchases.purchase_date', 'falls.days_until') }}
            and falls.valid_before > {{ days_after('purchases.purchase_date', 'falls.days_until') }}

    union all

    select
        first_events.customer_id,
        0 as order_count,
        0 as amount,
        cast(null as date) as purchase_date,
        cut_points.valid_from as point_date

    from first_events

    inner join cut_points on first_events.first_date < cut_points.valid_from

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
