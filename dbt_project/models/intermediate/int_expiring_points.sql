with

rule as (

    select * from {{ ref('alert_rules') }}

    where rule = 'points_expiring'

),

points as (

    select * from {{ ref('fct_points') }}

    where customer_id is not null

),

-- Who never had so many points that end in time cannot raise it.
holders as (

    select points.customer_id

    from points

    cross join rule

    where
        points.points > 0
        and points.expires_on >= {{ days_before_night(var('alert_history_days')) }}
        and points.expires_on <= {{ days_after(night(), 'rule.base_days') }}

    group by
        points.customer_id,
        rule.threshold

    having sum(points.points) >= rule.threshold

),

steps as (

    {% for part, first_day in [
        ('ending', days_after('points.expires_on', '- rule.base_days')), ('ended', days_after('points.expires_on', 1))
    ] -%}
        select
            points.customer_id,
            points.source,
            greatest(points.moved_date, {{ first_day }}) as changes_on,
            {{ 'points.points' if part == 'ending' else 0 }} as ending,
            {{ 'points.points' if part == 'ended' else 0 }} as ended,
            0 as gone
        from points
        inner join holders on points.customer_id = holders.customer_id
        cross join rule
        where points.points > 0 and points.expires_on is not null
        union all
    {% endfor -%}
    select
        points.customer_id,
        points.source,
        points.moved_date as changes_on,
        0 as ending,
        0 as ended,
        -points.points as gone
    from points
    inner join holders on points.customer_id = holders.customer_id
    where points.points < 0

),

sums as (

    select
        customer_id,
        source,
        changes_on,
        sum(sum(ending)) over account as ending,
        sum(sum(ended)) over account as ended,
        sum(sum(gone)) over account as gone

    from steps

    where changes_on <= {{ night() }}

    group by
        customer_id,
        source,
        changes_on

    window account as (partition by customer_id, source order by changes_on)

),

-- What expires first is spent first: of all that ends until a day, there is left what has come less all that has gone.
final as (

    select
        customer_id,
        source,
        changes_on,
        greatest(ending - gone, 0) - greatest(ended - gone, 0) as points

    from sums

)

select * from final
