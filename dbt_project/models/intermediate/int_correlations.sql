{#- A view: it is looked at only in the night that a month is over. -#}
{{ config(materialized='view') }}

with

customers as (

    select
        *,
        row_number() over (order by md5(customer_id), customer_id) as place_by_chance

    from {{ ref('int_correlation_customers') }}

),

measured as (

    {{ correlation_rows() }}

),

ranked as (

    select
        measure,
        repurchased,
        churned,
        {{ mean_rank('value') }} as value_rank

    from measured

    where place_by_chance <= {{ var('correlation_most_customers') }}

),

ranked_answers as (

    select
        measure,
        {{ mean_rank('csat') }} as csat_rank,
        {{ mean_rank('value') }} as value_rank

    from measured

    where csat is not null

),

coefficients as (

    select
        measure,
        'repurchase' as outcome,
        count(*) as customers,
        corr(value_rank, repurchased) as coefficient
    from ranked
    group by measure
    union all
    select
        measure,
        'churn' as outcome,
        count(*) as customers,
        corr(value_rank, churned) as coefficient
    from ranked
    group by measure
    union all
    select
        measure,
        'satisfaction' as outcome,
        count(*) as customers,
        corr(value_rank, csat_rank) as coefficient
    from ranked_answers
    group by measure

),

told as (

    select
        measure,
        outcome,
        customers,
        case when customers >= {{ var('correlation_least_customers') }} then coefficient end as coefficient

    from coefficients

),

final as (

    select
        measure,
        outcome,
        customers,
        round(cast(coefficient as numeric), 6) as coefficient,
        {{ correlation_bound('-') }} as coefficient_low,
        {{ correlation_bound('+') }} as coefficient_high

    from told

)

select * from final
