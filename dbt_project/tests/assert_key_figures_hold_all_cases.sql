-- Every case is in the key figures of service once a grain and dimension, and so is every complaint.
with

facts as (

    select
        count(*) as cases,
        count(case when kind = 'complaint' then 1 end) as complaints

    from {{ ref('fct_service_cases') }}

),

levels as (

    select
        grain,
        dimension,
        sum(cases) as cases,
        sum(complaints) as complaints

    from {{ ref('kpi_service') }}

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
        levels.cases <> facts.cases
        or levels.complaints <> facts.complaints

)

select * from final
