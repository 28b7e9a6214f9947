with

reviews as (

    select * from {{ ref('int_rfm_reviews') }}

    where is_due

),

events as (

    select * from {{ ref('int_rfm_events') }}

),

review_values as (

    select
        reviews.review_date,
        reviews.order_count,
        events.customer_id,
        {{ days_between('max(case when events.purchases > 0 then events.event_date end)', 'reviews.review_date') }}
            as recency_days,
        sum(events.order_count) as frequency,
        sum(events.amount) as monetary

    from reviews

    inner join events on reviews.review_date >= events.event_date

    group by
        reviews.review_date,
        reviews.order_count,
        events.customer_id

    having sum(events.order_count) > 0

),

final as (

    select
        review_date,
        customer_id,
        cast(order_count as bigint) as order_count,
        cast(recency_days as integer) as recency_days,
        cast(frequency as bigint) as frequency,
        monetary,
        {{ quintile('recency_days desc', 'review_date') }} as r_score,
        {{ quintile('frequency', 'review_date') }} as f_score,
        {{ quintile('monetary', 'review_date') }} as m_score

    from review_values

)

select * from final
