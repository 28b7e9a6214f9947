with

rfm_values as (

    select * from {{ ref('int_rfm_values') }}

),

segments as (

    select * from {{ ref('rfm_segments') }}

),

scored as (

    select
        customer_id,
        {{ quintile('recency_days desc') }} as r_score,
        {{ quintile('frequency') }} as f_score,
        {{ quintile('monetary') }} as m_score

    from rfm_values

    where recency_days is not null

),

combined as (

    select
        *,
        cast(floor((f_score + m_score + 1) / 2.0) as integer) as fm_score

    from scored

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        rfm_values.customer_id,
        rfm_values.recency_days,
        rfm_values.frequency,
        rfm_values.monetary,
        combined.r_score,
        combined.f_score,
        combined.m_score,
        combined.fm_score,
        case when combined.customer_id is null then 'Prospect' else segments.rfm_segment end as rfm_segment,
        {{ as_of() }} as data_as_of

    from rfm_values

    left join combined on rfm_values.customer_id = combined.customer_id

    left join segments
        on
            combined.r_score = segments.r_score
            and combined.fm_score = segments.fm_score

)

select * from final
