with

cases as (

    select * from {{ ref('fct_service_cases') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by customer_id
            order by last_rated_at desc nulls last, case_id desc
        ) as rating_place

    from cases

    where customer_id is not null

),

final as (

    select
        customer_id,
        count(*) as case_count,
        count(case when is_open then 1 end) as open_case_count,
        min(case when is_open and kind = 'complaint' then opened_at end) as open_complaint_since,
        max(case when rating_place = 1 then last_rating end) as last_satisfaction_rating,
        max(case when rating_place = 1 then last_rated_at end) as last_satisfaction_at,
        min(case when is_open then opened_at end) as open_case_since,
        max(case when kind = 'complaint' then opened_date end) as last_complaint_date,
        max(opened_date) as last_case_date

    from ranked

    group by customer_id

)

select * from final
