{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with

final as (

    select
        customer_id,
        {{ month_end('happened_on') }} as month_end,
        sum(amount) as net_revenue

    from {{ ref('int_customer_moneys') }}

    where {{ is_touched('int_touched_buyers', ['customer_id']) }}

    group by
        customer_id,
        {{ month_end('happened_on') }}

)

select * from final
