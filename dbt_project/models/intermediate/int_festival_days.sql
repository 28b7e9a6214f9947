with

days as (

    select * from {{ ref('int_days') }}

),

festivals as (

    select * from {{ ref('festivals') }}

),

festival_dates as (

    select * from {{ ref('festival_dates') }}

),

in_season as (

    select
        days.business_date,
        festivals.festival,
        festivals.name_en,
        festivals.name_zh_hant,
        festivals.name_zh_hans,
        festival_dates.festival_date,
        days.business_date = festival_dates.festival_date as is_the_day

    from festival_dates

    inner join festivals on festival_dates.festival = festivals.festival

    inner join days
        on
            festival_dates.festival_date >= days.business_date
            and {{ days_between('days.business_date', 'festival_dates.festival_date') }} <= festivals.season_days

),

final as (

    select
        business_date,
        {{ joined_text("case when is_the_day then name_en end", "festival_date, festival") }} as festival,
        {{ joined_text("case when is_the_day then name_zh_hant end", "festival_date, festival") }} as festival_zh_hant,
        {{ joined_text("case when is_the_day then name_zh_hans end", "festival_date, festival") }} as festival_zh_hans,
        {{ joined_text("name_en", "festival_date, festival") }} as shopping_season

    from in_season

    group by business_date

)

select * from final
