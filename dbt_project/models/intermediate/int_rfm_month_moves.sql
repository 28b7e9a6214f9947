{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id']}],
    meta={
        'touched_keys': 'int_touched_buyers',
        'keeps_changes': ['month_end', 'from_segment', 'to_segment', 'net_revenue'],
    },
) }}

with

-- Of several changes in a month the one that still holds at its end, also of months that are to come.
changes as (

    select
        customer_id,
        rfm_segment,
        cast(0 as numeric) as net_revenue,
        {{ month_end('valid_from') }} as month_end

    from {{ ref('int_rfm_outlook') }}

    where
        (valid_to is null or valid_to >= {{ month_end('valid_from') }})
        and {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

moneys as (

    select
        customer_id,
        cast(null as text) as rfm_segment,
        amount as net_revenue,
        {{ month_end('happened_on') }} as month_end

    from {{ ref('int_customer_moneys') }}

    where {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

both_kinds as (

    select * from changes
    union all
    select * from moneys

),

months as (

    select
        customer_id,
        month_end,
        max(rfm_segment) as changed_to,
        sum(net_revenue) as net_revenue

    from both_kinds

    group by
        customer_id,
        month_end

),

numbered as (

    select
        *,
        count(changed_to) over (partition by customer_id order by month_end) as change_number

    from months

),

held as (

    select
        *,
        max(changed_to) over (partition by customer_id, change_number) as to_segment

    from numbered

    where change_number > 0

),

final as (

    select
        customer_id,
        month_end,
        to_segment,
        net_revenue,
        coalesce(lag(to_segment) over (partition by customer_id order by month_end), 'Entered') as from_segment

    from held

)

select * from final
