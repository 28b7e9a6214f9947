{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with

moneys as (

    select * from {{ ref('int_customer_moneys') }}

    where
        is_order
        and {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

daily as (

    select
        customer_id,
        happened_on as purchase_date,
        count(*) as order_count

    from moneys

    group by
        customer_id,
        happened_on

),

final as (

    select
        customer_id,
        purchase_date,
        order_count,
        lag(purchase_date) over (partition by customer_id order by purchase_date) as previous_date,
        lead(purchase_date) over (partition by customer_id order by purchase_date) as next_date,
        min(purchase_date) over (partition by customer_id) as first_date

    from daily

)

select * from final
