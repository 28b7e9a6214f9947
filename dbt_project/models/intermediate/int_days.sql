with

digits as (

    {% for digit in range(10) -%}
        select {{ digit }} as digit
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

numbers as (

    select d1.digit + 10 * d2.digit + 100 * d3.digit + 1000 * d4.digit + 10000 * d5.digit as day_number

    from digits as d1

    cross join digits as d2

    cross join digits as d3

    cross join digits as d4

    cross join digits as d5

    where d5.digit < 3

),

first_moments as (

    select min(ordered_at) as first_at from {{ ref('stg_orders') }}
    union all
    select min(returned_at) as first_at from {{ ref('stg_returns') }}
    union all
    select min(opened_at) as first_at from {{ ref('stg_cases') }}
    union all
    select {{ as_of() }} as first_at

),

first_days as (

    select
        greatest(
            {{ first_day_of('year', business_date('min(first_at)')) }},
            {{ first_day_of('year', months_before_night(12 * 60)) }}
        ) as first_date

    from first_moments

),

final as (

    select {{ days_after('first_days.first_date', 'numbers.day_number') }} as business_date

    from first_days

    cross join numbers

    where
        {{ number_of('year', days_after('first_days.first_date', 'numbers.day_number')) }}
        <= {{ number_of('year', night()) }} + 1

)

select * from final
