with

changes as (

    select * from {{ ref('int_rfm_changes') }}

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        customer_id,
        valid_from,
        valid_to,
        rfm_segment,
        previous_segment,
        r_score,
        f_score,
        m_score,
        fm_score,
        valid_to is null as is_current,
        {{ as_of() }} as data_as_of

    from changes

)

select * from final
