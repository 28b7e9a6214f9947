with

published as (

    select * from {{ ref('int_published_cut_points') }}

),

reviews as (

    select * from {{ ref('int_rfm_reviews') }}

),

history as (

    select coalesce(min(published.valid_from), {{ days_after('min(reviews.review_date)', 1) }}) as history_start

    from reviews

    left join published on reviews.review_date = published.review_date

    where reviews.review_date < {{ night() }}

),

reviewed as (

    select
        review_date,
        order_count,
        count(*) as customer_count,
        {{ rfm_cut_points() }}

    from {{ ref('int_rfm_review_scores') }}

    where review_date < {{ night() }}

    group by
        review_date,
        order_count

    having count(*) >= {{ var('rfm_review_customers') | int }}

),

kept as (

    select
        published.review_date,
        published.order_count,
        published.customer_count,
        {{ rfm_cut_point_columns('published.') }}

    from published

    inner join reviews on published.review_date = reviews.review_date

    where not reviews.is_due

    union all

    select * from reviewed

),

tonight as (

    select
        {{ night() }} as review_date,
        sum(frequency) as order_count,
        count(*) as customer_count,
        {{ rfm_cut_points() }}

    from {{ ref('int_rfm_review_scores') }}

    where review_date = {{ night() }}

    having not exists (select 1 as one from kept)

),

in_force as (

    select * from kept
    union all
    select * from tonight

),

final as (

    select
        in_force.review_date,
        in_force.review_date = {{ night() }} as is_provisional,
        coalesce(rules.r_margin, 0) as r_margin,
        coalesce(rules.f_margin, 0) as f_margin,
        coalesce(rules.m_margin, 0) as m_margin,
        {{ rfm_own_cut_points() }},
        {{ var('rfm_window_days') | int }} as window_days,
        cast(coalesce(in_force.order_count, 0) as bigint) as order_count,
        in_force.customer_count,
        case
            when lag(in_force.review_date) over (order by in_force.review_date) is null then history.history_start
            else {{ days_after('in_force.review_date', 1) }}
        end as valid_from,
        {{ days_after('lead(in_force.review_date) over (order by in_force.review_date)', 1) }} as valid_before

    from in_force

    cross join history

    cross join {{ ref('int_rfm_rules') }} as rules

)

select * from final
