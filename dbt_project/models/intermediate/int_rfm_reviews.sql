with

published as (

    select * from {{ ref('int_published_cut_points') }}

),

days as (

    select
        order_date,
        count(*) as order_count

    from {{ ref('fct_orders') }}

    where
        is_revenue
        and customer_id is not null

    group by order_date

),

recent as (
    {{ rfm_review_rows() }}
),

candidates as (

    select review_date from published
    union
    select review_date from recent
    union
    select {{ night() }} as review_date

),

counted as (

    select
        candidates.review_date,
        coalesce(sum(days.order_count), 0) as order_count

    from candidates

    left join days
        on
            candidates.review_date >= days.order_date
            and candidates.review_date < {{ days_after('days.order_date', var('rfm_window_days') | int) }}

    group by candidates.review_date

),

judged as (

    select
        counted.review_date,
        cast(counted.order_count as bigint) as order_count,
        published.review_date is null
        or published.window_days <> {{ var('rfm_window_days') | int }}
        or abs(counted.order_count - published.order_count) * 10 > published.order_count as is_due

    from counted

    left join published on counted.review_date = published.review_date

),

standing as (

    select review_date from judged

    where not is_due

),

-- Where no review stands already, none may have enough customers; the night's own quintiles must do then.
final as (

    select
        review_date,
        order_count,
        is_due

    from judged

    where
        review_date < {{ night() }}
        or not exists (select 1 as one from standing)

)

select * from final
