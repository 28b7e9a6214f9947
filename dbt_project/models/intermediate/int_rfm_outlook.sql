{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_buyers', 'rebuilt_with': ['int_rfm_cut_points']},
) }}

with

first_events as (

    select
        customer_id,
        min(event_date) as first_event_date,
        min(case when purchases > 0 then event_date end) as first_date

    from {{ ref('int_rfm_events') }}

    where {{ is_touched('int_touched_buyers', ['customer_id']) }}

    group by customer_id

),

history as (

    select min(valid_from) as history_start from {{ ref('int_rfm_cut_points') }}

),

prospects as (

    select
        customers.customer_id,
        first_events.first_date,
        least(customers.known_on, first_events.first_event_date) as known_on

    from {{ ref('int_known_customers') }} as customers

    left join first_events on customers.customer_id = first_events.customer_id

    where {{ is_touched('int_touched_buyers', ['customers.customer_id']) }}

),

states as (

    select
        states.customer_id,
        states.point_date,
        case when states.frequency > 0 then segments.rfm_segment else 'Not Scored' end as rfm_segment,
        case when states.frequency > 0 then states.r_score end as r_score,
        case when states.frequency > 0 then states.f_score end as f_score,
        case when states.frequency > 0 then states.m_score end as m_score,
        case when states.frequency > 0 then states.fm_score end as fm_score

    from {{ ref('int_rfm_states') }} as states

    left join {{ ref('rfm_segments') }} as segments
        on
            states.r_score = segments.r_score
            and states.fm_score = segments.fm_score

    where {{ is_touched('int_touched_buyers', ['states.customer_id']) }}

    union all

    select
        prospects.customer_id,
        greatest(prospects.known_on, history.history_start) as point_date,
        'Prospect' as rfm_segment,
        cast(null as integer) as r_score,
        cast(null as integer) as f_score,
        cast(null as integer) as m_score,
        cast(null as integer) as fm_score

    from prospects

    cross join history

    where
        prospects.first_date is null
        or (prospects.known_on < prospects.first_date and history.history_start < prospects.first_date)

),

compared as (

    select
        *,
        lag(rfm_segment) over (partition by customer_id order by point_date, r_score nulls first) as previous_segment

    from states

),

final as (

    select
        customer_id,
        point_date as valid_from,
        {{ days_after('lead(point_date) over (partition by customer_id order by point_date)', -1) }} as valid_to,
        rfm_segment,
        previous_segment,
        r_score,
        f_score,
        m_score,
        fm_score

    from compared

    where
        previous_segment is null
        or previous_segment <> rfm_segment

)

select * from final
