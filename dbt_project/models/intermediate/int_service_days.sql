with

days as (

    select * from {{ ref('int_calendar_days') }}

),

service_hours as (

    select * from {{ ref('service_hours') }}

),

calendars as (

    select max(calendar) as calendar from service_hours

),

openings as (

    select
        days.business_date,
        {{ moment_of('days.business_date', 'service_hours.opens') }} as opens_at,
        {{ moment_of('days.business_date', 'service_hours.closes') }} as closes_at,
        {{ moment_of('days.business_date', 'service_hours.opens_again') }} as opens_again_at,
        {{ moment_of('days.business_date', 'service_hours.closes_again') }} as closes_again_at

    from days

    inner join calendars on days.calendar = calendars.calendar

    left join service_hours
        on
            {{ number_of('weekday', 'days.business_date') }} = service_hours.weekday
            and (days.holiday is null or not service_hours.closed_on_holidays)

),

lengths as (

    select
        *,
        coalesce({{ seconds_between('opens_at', 'closes_at') }}, 0)
        + coalesce({{ seconds_between('opens_again_at', 'closes_again_at') }}, 0) as open_seconds

    from openings

),

final as (

    select
        business_date,
        opens_at,
        closes_at,
        opens_again_at,
        closes_again_at,
        open_seconds,
        sum(open_seconds) over (order by business_date rows unbounded preceding) - open_seconds as open_seconds_before

    from lengths

)

select * from final
