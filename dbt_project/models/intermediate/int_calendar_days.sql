with

days as (

    select * from {{ ref('int_days') }}

),

calendars as (

    select * from {{ ref('calendars') }}

),

holidays as (

    select * from {{ ref('holidays') }}

),

final as (

    select
        calendars.calendar,
        days.business_date,
        case when not holidays.is_workday then holidays.name_en end as holiday,
        case when not holidays.is_workday then holidays.name_local end as holiday_local,
        case
            when holidays.calendar is not null then holidays.is_workday
            when {{ number_of('weekday', 'days.business_date') }} = 6 then calendars.works_on_saturday
            when {{ number_of('weekday', 'days.business_date') }} = 7 then calendars.works_on_sunday
            else true
        end as is_workday

    from days

    cross join calendars

    left join holidays
        on
            calendars.calendar = holidays.calendar
            and days.business_date = holidays.business_date

)

select * from final
