with

rule as (

    select * from {{ ref('alert_rules') }}

    where rule = 'level_loss'

),

-- The levels whose review is, or was, near enough on an evening that is looked at.
reviews as (

    select
        changes.customer_id,
        changes.valid_to,
        changes.review_date,
        levels.level,
        levels.keep_amount,
        {{ days_after('changes.review_date', '- rule.base_days') }} as near_from

    from {{ ref('int_membership_changes') }} as changes

    inner join {{ ref('membership_levels') }} as levels on changes.place = levels.place

    cross join rule

    where
        levels.place >= rule.minimum_count
        and changes.review_date > {{ days_before_night(var('alert_history_days')) }}
        and {{ days_after('changes.review_date', '- rule.base_days') }}
        <= coalesce(changes.valid_to, {{ night() }})

),

-- What will count at the review, from the day on which that is near and whenever something is bought or given back.
amounts as (

    select
        reviews.customer_id,
        reviews.review_date,
        greatest(amounts.amount_date, reviews.near_from) as changes_on,
        amounts.amount
    from reviews
    inner join {{ ref('int_membership_amounts') }} as amounts
        on
            reviews.customer_id = amounts.customer_id
            and {{ days_after('amounts.amount_date', var('membership_window_days') | int) }} > reviews.review_date
            and amounts.amount_date <= coalesce(reviews.valid_to, {{ night() }})
    union all
    select
        customer_id,
        review_date,
        near_from as changes_on,
        0 as amount
    from reviews

),

running as (

    select
        customer_id,
        review_date,
        changes_on,
        sum(sum(amount)) over (partition by customer_id, review_date order by changes_on) as amount

    from amounts

    group by
        customer_id,
        review_date,
        changes_on

),

final as (

    select
        reviews.customer_id,
        reviews.review_date,
        reviews.valid_to,
        reviews.level,
        reviews.keep_amount,
        running.changes_on,
        running.amount

    from reviews

    inner join running
        on
            reviews.customer_id = running.customer_id
            and reviews.review_date = running.review_date

)

select * from final
