with

rfm_values as (

    select * from {{ ref('int_rfm_values') }}

    where frequency > 0

),

scored as (

    select
        customer_id,
        recency_days,
        frequency,
        monetary,
        {{ quintile('recency_days desc') }} as r_score,
        {{ quintile('frequency') }} as f_score,
        {{ quintile('monetary') }} as m_score

    from rfm_values

),

final as (

    select
        *,
        cast(floor((f_score + m_score + 1) / 2.0) as integer) as fm_score

    from scored

)

select * from final
