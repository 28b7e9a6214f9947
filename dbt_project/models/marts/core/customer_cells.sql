{{ config(
    materialized='incremental',
    unique_key='customer_id',
    indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_customers'},
) }}

with

field_values as (

    select * from {{ ref('int_field_values') }}

    where {{ is_touched('int_touched_customers', ['customer_id']) }}

),

survivorship as (

    select * from {{ ref('survivorship') }}

),

compared as (

    select
        *,
        max(case when is_survivor then value end) over (partition by customer_id, field) as surviving_value

    from field_values

    where value is not null or is_survivor

),

judged as (

    select
        *,
        is_survivor or coalesce(value = surviving_value, false) as is_surviving_value

    from compared

),

decided as (

    select
        *,
        -- Of the values that lost, the one that came nearest lost in the latest turn.
        case
            when is_survivor
                then
                    max(case when not is_surviving_value then lost_in_turn end)
                        over (partition by customer_id, field)
            when not is_surviving_value then lost_in_turn
        end as turn

    from judged

),

final as (

    select
        decided.customer_id,
        decided.field_group,
        decided.field,
        decided.value,
        decided.source,
        decided.customer_key,
        decided.place,
        decided.is_survivor,
        decided.is_surviving_value,
        case
            when decided.turn = 1 then survivorship.first_strategy
            when decided.turn = 2 then survivorship.second_strategy
            when decided.turn = 3 then survivorship.third_strategy
            when decided.turn = 4 then survivorship.fourth_strategy
            when decided.turn = 5 then 'key'
            when decided.is_survivor then 'only value'
        end as decided_by

    from decided

    inner join survivorship on decided.field_group = survivorship.field_group

)

select * from final
