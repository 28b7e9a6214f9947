with

days as (

    select * from {{ ref('int_days') }}

),

calendar_days as (

    select * from {{ ref('int_calendar_days') }}

),

festival_days as (

    select * from {{ ref('int_festival_days') }}

),

lunar_months as (

    select
        *,
        lead(first_date) over (order by first_date) as next_date

    from {{ ref('lunar_months') }}

),

calendars as (

    select
        {% for calendar in ['tw', 'cn', 'hk', 'us', 'gb'] -%}
            max(case when calendar = '{{ calendar }}' then case when is_workday then 1 else 0 end end) = 1
                as is_workday_{{ calendar }},
            max(case when calendar = '{{ calendar }}' then holiday end) as holiday_{{ calendar }},
            max(case when calendar = '{{ calendar }}' then holiday_local end) as holiday_{{ calendar }}_local,
        {% endfor -%}
        business_date

    from calendar_days

    group by business_date

),

final as (

    select
        days.business_date,
        {{ number_of('year', 'days.business_date') }} as year_number,
        {{ number_of('quarter', 'days.business_date') }} as quarter_number,
        {{ number_of('month', 'days.business_date') }} as month_number,
        {{ number_of('day', 'days.business_date') }} as day_of_month,
        {{ number_of('iso_year', 'days.business_date') }} as iso_year,
        {{ number_of('iso_week', 'days.business_date') }} as iso_week,
        {{ number_of('weekday', 'days.business_date') }} as weekday_number,
        {{ first_day_of('week', 'days.business_date') }} as week_start,
        {{ first_day_of('month', 'days.business_date') }} as month_start,
        {{ first_day_of('quarter', 'days.business_date') }} as quarter_start,
        {{ first_day_of('year', 'days.business_date') }} as year_start,
        calendars.is_workday_tw,
        calendars.is_workday_cn,
        calendars.is_workday_hk,
        calendars.is_workday_us,
        calendars.is_workday_gb,
        calendars.holiday_tw,
        calendars.holiday_tw_local,
        calendars.holiday_cn,
        calendars.holiday_cn_local,
        calendars.holiday_hk,
        calendars.holiday_hk_local,
        calendars.holiday_us,
        calendars.holiday_gb,
        festival_days.festival,
        festival_days.festival_zh_hant,
        festival_days.festival_zh_hans,
        festival_days.shopping_season,
        lunar_months.lunar_year,
        lunar_months.lunar_month,
        lunar_months.is_leap_month,
        {{ days_between('lunar_months.first_date', 'days.business_date') }} + 1 as lunar_day

    from days

    inner join calendars on days.business_date = calendars.business_date

    left join festival_days on days.business_date = festival_days.business_date

    left join lunar_months
        on
            days.business_date >= lunar_months.first_date
            and days.business_date < lunar_months.next_date

)

select * from final
