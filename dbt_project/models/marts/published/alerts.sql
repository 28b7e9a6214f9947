with

runs as (

    select * from {{ ref('int_alert_runs') }}

),

-- What readers see, unless it is of a later night than this one.
previous as (

    {% if is_incremental() -%}
        select
            alerts.*,
            coalesce(alerts.recovered_on, {{ days_after('published.night', 1) }}) as known_until
        from {{ this }} as alerts
        inner join {{ source('ops', 'published') }} as published on alerts.batch_id = published.batch_id
        where published.night <= {{ night() }}
    {%- else -%}
        select
            *,
            recovered_on as known_until
        from runs
        where rule is null
    {%- endif %}

),

-- A published alert goes on in the first run that it overlaps, also when late rows have moved the first day of that.
matches as (

    select
        previous.rule,
        previous.object_id,
        previous.since,
        min(runs.since) as run_since

    from previous

    inner join runs
        on
            previous.rule = runs.rule
            and previous.object_id = runs.object_id
            and previous.known_until > runs.since
            and (runs.recovered_on is null or previous.since < runs.recovered_on)

    group by
        previous.rule,
        previous.object_id,
        previous.since

),

ongoing as (

    select
        rule,
        object_id,
        run_since,
        min(since) as since

    from matches

    group by
        rule,
        object_id,
        run_since

),

-- And an alert does not vanish: what nothing speaks for any more has recovered tonight.
all_alerts as (

    select
        runs.rule,
        runs.object_id,
        runs.customer_id,
        coalesce(ongoing.since, runs.since) as since,
        runs.recovered_on,
        runs.value,
        runs.base_value,
        runs.sample_count,
        runs.evidence
    from runs
    left join ongoing
        on
            runs.rule = ongoing.rule
            and runs.object_id = ongoing.object_id
            and runs.since = ongoing.run_since
    union all
    select
        previous.rule,
        previous.object_id,
        previous.customer_id,
        previous.since,
        coalesce(previous.recovered_on, {{ night() }}) as recovered_on,
        previous.value,
        previous.base_value,
        previous.sample_count,
        previous.evidence
    from previous
    left join matches
        on
            previous.rule = matches.rule
            and previous.object_id = matches.object_id
            and previous.since = matches.since
    where matches.since is null

),

final as (

    {{ told_alerts() }}

)

select * from final
