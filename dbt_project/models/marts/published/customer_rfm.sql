with

rfm_values as (

    select * from {{ ref('int_rfm_values') }}

),

quintiles as (

    select * from {{ ref('int_rfm_quintiles') }}

),

history as (

    select * from {{ ref('int_rfm_changes') }}

    where valid_to is null

),

held_scores as (

    select * from {{ ref('int_rfm_states') }}

    where {{ is_in_force('point_date', 'next_point_date') }}

),

segments as (

    select * from {{ ref('rfm_segments') }}

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        rfm_values.customer_id,
        rfm_values.recency_days,
        rfm_values.frequency,
        rfm_values.monetary,
        quintiles.r_score,
        quintiles.f_score,
        quintiles.m_score,
        quintiles.fm_score,
        history.rfm_segment,
        {{ as_of() }} as data_as_of,
        history.valid_from as rfm_segment_since,
        history.previous_segment as previous_rfm_segment,
        case when quintiles.customer_id is not null then held_scores.r_score end as held_r_score,
        case when quintiles.customer_id is not null then held_scores.f_score end as held_f_score,
        case when quintiles.customer_id is not null then held_scores.m_score end as held_m_score,
        case when quintiles.customer_id is not null then held_scores.fm_score end as held_fm_score,
        coalesce(segments.rfm_segment, history.rfm_segment) as rfm_segment_of_scores

    from rfm_values

    left join quintiles on rfm_values.customer_id = quintiles.customer_id

    left join history on rfm_values.customer_id = history.customer_id

    left join held_scores on rfm_values.customer_id = held_scores.customer_id

    left join segments
        on
            quintiles.r_score = segments.r_score
            and quintiles.fm_score = segments.fm_score

)

select * from final
