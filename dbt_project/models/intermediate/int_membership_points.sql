with

amounts as (

    select * from {{ ref('int_membership_amounts') }}

),

first_level as (

    select min(reach_amount) as reach_amount
    from {{ ref('membership_levels') }}
    where place > 1

),

reached_days as (

    select
        amounts.customer_id,
        amounts.amount_date,
        min(amounts.amount_date) over (partition by amounts.customer_id) as first_date

    from amounts

    inner join first_level on amounts.rolling_amount >= first_level.reach_amount

),

members as (

    select distinct
        customer_id,
        first_date
    from reached_days

),

years as (
    {{ validity_rows() }}
),

moments as (

    select
        amounts.customer_id,
        amounts.amount_date as point_date,
        amounts.amount_change

    from amounts

    inner join members on amounts.customer_id = members.customer_id

    union all

    select
        reached_days.customer_id,
        {{ days_after('reached_days.amount_date', 'years.day_count') }} as point_date,
        0 as amount_change

    from reached_days

    inner join years on {{ days_after('reached_days.amount_date', 'years.day_count') }} <= {{ night() }}

),

daily as (

    select
        customer_id,
        point_date,
        sum(amount_change) as amount_change

    from moments

    group by
        customer_id,
        point_date

),

running as (

    select
        customer_id,
        point_date,
        sum(amount_change) over (partition by customer_id order by point_date rows unbounded preceding)
            as rolling_amount

    from daily

),

final as (

    select
        running.customer_id,
        running.point_date,
        running.rolling_amount,
        max(levels.place) as reached_place

    from running

    inner join members
        on
            running.customer_id = members.customer_id
            and running.point_date >= members.first_date

    inner join {{ ref('membership_levels') }} as levels
        on running.rolling_amount >= levels.reach_amount or levels.place = 1

    group by
        running.customer_id,
        running.point_date,
        running.rolling_amount

)

select * from final
