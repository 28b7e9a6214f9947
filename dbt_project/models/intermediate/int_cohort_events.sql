{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with

moneys as (

    select
        customer_id,
        happened_on,
        case when is_order then 1 else 0 end as orders,
        case when is_order then amount else 0 end as gross_revenue,
        case when is_order then 0 else -amount end as returns_amount,
        min(case when is_order then happened_on end) over (partition by customer_id) as first_purchase_date

    from {{ ref('int_customer_moneys') }}

    where {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

final as (

    select
        customer_id,
        {{ first_day_of('month', 'first_purchase_date') }} as cohort_month,
        greatest({{ months_between('first_purchase_date', 'happened_on') }}, 0) as months_since,
        sum(orders) as orders,
        sum(gross_revenue) as gross_revenue,
        sum(returns_amount) as returns_amount

    from moneys

    where first_purchase_date is not null

    group by
        customer_id,
        {{ first_day_of('month', 'first_purchase_date') }},
        greatest({{ months_between('first_purchase_date', 'happened_on') }}, 0)

)

select * from final
