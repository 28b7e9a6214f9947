with

goals as (

    select * from {{ ref('kpi_goals') }}

),

key_figures as (

    select * from {{ ref('kpi_sales') }}

    where batch_id = {{ var('batch_id', 0) }}

),

compared as (

    select
        goals.metric,
        goals.target,
        goals.better,
        goals.valid_from,
        key_figures.grain,
        key_figures.dimension,
        key_figures.member,
        key_figures.period_start,
        key_figures.period_end,
        key_figures.is_complete,
        {{ kpi_value_of('goals.metric', 'key_figures') }} as actual,
        rank() over (
            partition by
                goals.metric, key_figures.grain, key_figures.dimension, key_figures.member, key_figures.period_start
            order by goals.valid_from desc
        ) as latest_first

    from goals

    inner join key_figures
        on
            goals.grain = key_figures.grain
            and goals.dimension = key_figures.dimension
            and goals.member = key_figures.member
            and goals.valid_from <= key_figures.period_start
            and (goals.valid_until is null or goals.valid_until >= key_figures.period_start)

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        metric,
        grain,
        dimension,
        member,
        period_start,
        period_end,
        is_complete,
        actual,
        target,
        actual - target as variance,
        (actual - target) / nullif(target, 0) as variance_ratio,
        case better
            when 'higher' then actual >= target
            when 'lower' then actual <= target
        end as is_met,
        {{ as_of() }} as data_as_of

    from compared

    where latest_first = 1

)

select * from final
