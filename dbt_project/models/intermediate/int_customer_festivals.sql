with

festivals as (

    select * from {{ ref('festivals') }}

),

festival_dates as (

    select * from {{ ref('festival_dates') }}

),

upcoming as (

    select
        festivals.festival,
        festivals.season_days,
        festival_dates.festival_date

    from festivals

    inner join festival_dates on festivals.festival = festival_dates.festival

    where
        festival_dates.festival_date > {{ night() }}
        and {{ days_between(night(), 'festival_dates.festival_date') }} <= festivals.season_days

),

ranked as (

    select
        festival_dates.festival,
        festival_dates.festival_date,
        rank() over (
            partition by festival_dates.festival
            order by festival_dates.festival_date desc
        ) as place

    from festival_dates

    where festival_dates.festival_date <= {{ night() }}

),

season_days as (

    select
        upcoming.festival,
        upcoming.festival_date,
        calendar_days.business_date

    from upcoming

    inner join ranked
        on
            upcoming.festival = ranked.festival
            and ranked.place <= {{ var('festival_years') | int }}

    inner join {{ ref('int_days') }} as calendar_days
        on
            ranked.festival_date >= calendar_days.business_date
            and {{ days_between('calendar_days.business_date', 'ranked.festival_date') }} <= upcoming.season_days

),

bought as (

    select
        purchases.customer_id,
        season_days.festival,
        min(season_days.festival_date) as festival_date

    from {{ ref('int_purchase_days') }} as purchases

    inner join season_days on purchases.purchase_date = season_days.business_date

    group by
        purchases.customer_id,
        season_days.festival

),

nearest as (

    select
        *,
        row_number() over (
            partition by customer_id
            order by festival_date asc, festival asc, customer_id asc
        ) as place

    from bought

),

final as (

    select
        customer_id,
        festival as festival_due,
        festival_date

    from nearest

    where place = 1

)

select * from final
