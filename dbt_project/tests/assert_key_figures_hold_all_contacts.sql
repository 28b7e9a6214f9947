-- Every case, answer and review is in the key figures of feedback once a grain and dimension; so is every NPS answer.
with

facts as (

    select
        (select count(*) from {{ ref('fct_service_cases') }})
        + (select count(score) from {{ ref('fct_surveys') }})
        + (select count(*) from {{ ref('fct_reviews') }}) as interactions,
        (select count(nps_group) from {{ ref('fct_surveys') }}) as nps_answers

),

levels as (

    select
        grain,
        dimension,
        sum(interactions) as interactions,
        sum(nps_answers) as nps_answers,
        sum(nps_promoters + nps_passives + nps_detractors) as grouped_answers

    from {{ ref('kpi_feedback') }}

    where batch_id = {{ var('batch_id', 0) }}

    group by
        grain,
        dimension

),

final as (

    select
        levels.grain,
        levels.dimension

    from levels

    cross join facts

    where
        levels.interactions <> facts.interactions
        or levels.nps_answers <> facts.nps_answers
        or levels.grouped_answers <> facts.nps_answers

)

select * from final
