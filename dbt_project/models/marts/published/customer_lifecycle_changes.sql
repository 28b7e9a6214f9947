with

changes as (

    select * from {{ ref('int_lifecycle_changes') }}

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        customer_id,
        valid_from,
        valid_to,
        lifecycle_stage,
        previous_stage,
        reason,
        valid_to is null as is_current,
        {{ as_of() }} as data_as_of

    from changes

)

select * from final
