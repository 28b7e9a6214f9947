{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_buyers', 'rebuilt_with': ['int_rfm_cut_points']},
) }}

with

cut_points as (

    select * from {{ ref('int_rfm_cut_points') }}

),

running as (

    select
        customer_id,
        point_date,
        row_number() over (partition by customer_id order by point_date, customer_id) as point_number,
        sum(order_count) over (partition by customer_id order by point_date rows unbounded preceding) as frequency,
        sum(amount) over (partition by customer_id order by point_date rows unbounded preceding) as monetary,
        max(purchase_date) over (partition by customer_id order by point_date rows unbounded preceding)
            as last_purchase_date

    from {{ ref('int_rfm_points') }}

    where {{ is_touched('int_touched_buyers', ['customer_id'], of_view=true) }}

),

measured as (

    select
        running.customer_id,
        running.point_date,
        running.point_number,
        running.frequency,
        running.monetary,
        cut_points.r_margin,
        cut_points.f_margin,
        cut_points.m_margin,
        {{ rfm_cut_point_columns('cut_points.') }},
        {{ days_between('running.last_purchase_date', 'running.point_date') }} as recency_days

    from running

    inner join cut_points
        on
            running.point_date >= cut_points.valid_from
            and (cut_points.valid_before is null or running.point_date < cut_points.valid_before)

    where running.last_purchase_date is not null

),

held as (

    select
        customer_id,
        point_date,
        point_number,
        recency_days,
        frequency,
        monetary,
        {{ held_score('r', 'recency_days', '<=', '>', '+') }} as r_score,
        {{ held_score('f', 'frequency', '>=', '<', '-') }} as f_score,
        {{ held_score('m', 'monetary', '>=', '<', '-') }} as m_score

    from measured

),

final as (

    select
        customer_id,
        point_date,
        cast(recency_days as integer) as recency_days,
        cast(frequency as bigint) as frequency,
        monetary,
        cast(r_score as integer) as r_score,
        cast(f_score as integer) as f_score,
        cast(m_score as integer) as m_score,
        cast(floor((f_score + m_score + 1) / 2.0) as integer) as fm_score,
        lead(point_date) over (partition by customer_id order by point_date) as next_point_date

    from held

)

select * from final
