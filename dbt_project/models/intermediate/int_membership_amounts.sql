{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with

moneys as (

    select * from {{ ref('int_customer_moneys') }}

    where {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

in_and_out as (

    select
        customer_id,
        happened_on as amount_date,
        amount,
        amount as amount_change

    from moneys

    union all

    select
        customer_id,
        {{ days_after('happened_on', var('membership_window_days') | int) }} as amount_date,
        0 as amount,
        -amount as amount_change

    from moneys

),

daily as (

    select
        customer_id,
        amount_date,
        sum(amount) as amount,
        sum(amount_change) as amount_change

    from in_and_out

    group by
        customer_id,
        amount_date

),

running as (

    select
        *,
        sum(amount_change) over (partition by customer_id order by amount_date rows unbounded preceding)
            as rolling_amount,
        lead(amount_date) over (partition by customer_id order by amount_date) as next_amount_date

    from daily

),

levels as (

    select
        place,
        case when place > 1 then reach_amount end as from_amount,
        min(reach_amount) over (order by place desc rows between unbounded preceding and 1 preceding) as below_amount

    from {{ ref('membership_levels') }}

),

final as (

    select
        running.*,
        levels.place as reached_place,
        levels.place > lag(levels.place, 1, 1) over (partition by running.customer_id order by running.amount_date)
            as is_rise

    from running

    inner join levels
        on
            (levels.from_amount is null or running.rolling_amount >= levels.from_amount)
            and (levels.below_amount is null or running.rolling_amount < levels.below_amount)

)

select * from final
