with

changes as (

    select * from {{ ref('int_rfm_changes') }}

    where {{ is_touched('int_touched_histories', ['customer_id']) }}

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        cast(null as bigint) as until_batch,
        customer_id,
        valid_from,
        valid_to,
        rfm_segment,
        previous_segment,
        r_score,
        f_score,
        m_score,
        fm_score,
        valid_to is null as is_current

    from changes

)

select * from final
