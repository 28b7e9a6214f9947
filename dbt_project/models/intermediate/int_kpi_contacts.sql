with

cases as (

    select
        opened_date as business_date,
        customer_id,
        channel,
        cast(null as text) as nps_group,
        cast(null as numeric) as csat

    from {{ ref('fct_service_cases') }}

),

answers as (

    select
        answered_date as business_date,
        customer_id,
        channel,
        nps_group,
        case when kind = 'csat' then score end as csat

    from {{ ref('fct_surveys') }}

    where score is not null

),

reviews as (

    select
        review_date as business_date,
        customer_id,
        'review' as channel,
        cast(null as text) as nps_group,
        cast(null as numeric) as csat

    from {{ ref('fct_reviews') }}

),

contacts as (

    select * from cases
    union all
    select * from answers
    union all
    select * from reviews

),

placed as (

    select
        contacts.business_date,
        contacts.nps_group,
        contacts.csat,
        'all' as everything,
        coalesce(contacts.channel, 'unknown') as channel,
        {{ kpi_member_columns('contacts', 'contacts.business_date') }}

    from contacts

    {{ kpi_member_joins('contacts', 'contacts.business_date') }}

),

final as (

    select
        business_date,
        everything,
        channel,
        region,
        value_tier,
        membership_level,
        rfm_segment,
        count(*) as interactions,
        count(nps_group) as nps_answers,
        count(case when nps_group = 'promoter' then 1 end) as nps_promoters,
        count(case when nps_group = 'passive' then 1 end) as nps_passives,
        count(case when nps_group = 'detractor' then 1 end) as nps_detractors,
        count(csat) as csat_answers,
        coalesce(sum(csat), 0) as csat_points

    from placed

    group by
        business_date,
        everything,
        channel,
        region,
        value_tier,
        membership_level,
        rfm_segment

)

select * from final
