{{ config(
    materialized='incremental',
    unique_key='customer_id',
    indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_customers'},
) }}

with

candidates as (

    select * from {{ ref('int_field_candidates') }}

    where {{ is_touched('int_touched_customers', ['customer_id']) }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by customer_id, field_group
            order by
                first_score desc,
                second_score desc,
                third_score desc,
                fourth_score desc,
                source asc,
                customer_key asc
        ) as place

    from candidates

),

survivors as (

    select * from ranked

    where place = 1

),

final as (

    select
        ranked.customer_id,
        ranked.field_group,
        ranked.source,
        ranked.customer_key,
        ranked.place,
        ranked.points,
        ranked.place = 1 as is_survivor,
        case
            when ranked.place = 1 then null
            when ranked.first_score <> survivors.first_score then 1
            when ranked.second_score <> survivors.second_score then 2
            when ranked.third_score <> survivors.third_score then 3
            when ranked.fourth_score <> survivors.fourth_score then 4
            else 5
        end as lost_in_turn

    from ranked

    inner join survivors
        on
            ranked.customer_id = survivors.customer_id
            and ranked.field_group = survivors.field_group

)

select * from final
