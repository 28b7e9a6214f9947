with

-- What readers see of the same month is kept: late rows do not move it until the next one.
previous as (

    {% if is_incremental() -%}
        select correlations.*
        from {{ this }} as correlations
        inner join {{ source('ops', 'published') }} as published on correlations.batch_id = published.batch_id
        where
            correlations.month_end = {{ last_month_end() }}
            and published.night <= {{ night() }}
    {%- else -%}
        select
            *,
            {{ last_month_end() }} as month_end,
            {{ as_of() }} as computed_as_of
        from {{ ref('int_correlations') }}
        where measure is null
    {%- endif %}

),

told as (

    select
        measure,
        outcome,
        customers,
        coefficient,
        coefficient_low,
        coefficient_high,
        {{ as_of() }} as computed_as_of
    from {{ ref('int_correlations') }}
    where not exists (select 1 from previous)
    union all
    select
        measure,
        outcome,
        customers,
        coefficient,
        coefficient_low,
        coefficient_high,
        computed_as_of
    from previous

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        {{ last_month_end() }} as month_end,
        {{ measured_on() }} as measured_on,
        measure,
        outcome,
        customers,
        coefficient,
        coefficient_low,
        coefficient_high,
        computed_as_of,
        {{ as_of() }} as data_as_of

    from told

)

select * from final
