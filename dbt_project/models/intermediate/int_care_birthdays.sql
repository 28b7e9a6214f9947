with

customers as (

    select * from {{ ref('dim_customers') }}

    where birth_date <= {{ night() }}

),

-- The days ahead may reach into the next year.
years as (

    select {{ number_of('year', night()) }} as year_number
    union all
    select {{ number_of('year', night()) }} + 1 as year_number

),

-- So many years after 29 February is 28 February where there is no 29th.
solar as (

    select
        customers.customer_id,
        {{ months_after('customers.birth_date', '12 * (years.year_number - '
            ~ number_of('year', 'customers.birth_date') ~ ')') }} as care_date

    from customers

    cross join years

    left join {{ ref('int_customer_flags') }} as flags on customers.customer_id = flags.customer_id

    where not coalesce(flags.has_lunar_birthday, false)

),

lunar_months as (

    select
        *,
        lead(first_date) over (order by first_date) as next_date

    from {{ ref('lunar_months') }}

),

lunar_births as (

    select
        customers.customer_id,
        customers.birth_date,
        lunar_months.lunar_month,
        {{ days_between('lunar_months.first_date', 'customers.birth_date') }} as days_into_month

    from {{ ref('int_customer_flags') }} as flags

    inner join customers on flags.customer_id = customers.customer_id

    inner join lunar_months
        on
            customers.birth_date >= lunar_months.first_date
            and customers.birth_date < lunar_months.next_date

    where flags.has_lunar_birthday

),

-- A leap month counts as the month before it, and the 30th is the last day of a month that has none.
lunar as (

    select
        lunar_births.customer_id,
        least(
            {{ days_after('lunar_months.first_date', 'lunar_births.days_into_month') }},
            {{ days_after('lunar_months.next_date', -1) }}
        ) as care_date

    from lunar_births

    inner join lunar_months
        on
            lunar_births.lunar_month = lunar_months.lunar_month
            and lunar_births.birth_date < lunar_months.first_date

    where not lunar_months.is_leap_month

),

final as (

    select
        customer_id,
        care_date,
        'birthday' as occasion,
        'birthday' as reason

    from solar

    where {{ is_ahead('care_date') }}

    union all

    select
        customer_id,
        care_date,
        'birthday' as occasion,
        'birthday by the lunar calendar' as reason

    from lunar

    where {{ is_ahead('care_date') }}

)

select * from final
