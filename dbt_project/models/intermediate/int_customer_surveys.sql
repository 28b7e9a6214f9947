with

surveys as (

    select * from {{ ref('fct_surveys') }}

    where
        customer_id is not null
        and score is not null

),

ranked as (

    select
        *,
        row_number() over (partition by customer_id, kind order by answered_at desc, survey_id desc) as place

    from surveys

),

final as (

    select
        customer_id,
        max(case when kind = 'csat' and place = 1 then score end) as last_csat,
        max(case when kind = 'csat' then answered_at end) as last_csat_at,
        max(case when kind = 'nps' and place = 1 then score end) as last_nps,
        max(case when kind = 'nps' then answered_at end) as last_nps_at,
        max(answered_date) as last_answer_date

    from ranked

    group by customer_id

)

select * from final
