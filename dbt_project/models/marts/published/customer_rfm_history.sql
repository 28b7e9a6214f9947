with

changes as (

    select * from {{ ref('int_rfm_changes') }}

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        customer_id,
        valid_from,
        {{ if_over('valid_to') }} as valid_to,
        rfm_segment,
        previous_segment,
        r_score,
        f_score,
        m_score,
        fm_score,
        {{ if_over('valid_to') }} is null as is_current,
        {{ as_of() }} as data_as_of

    from changes

    where valid_from <= {{ night() }}

)

select * from final
