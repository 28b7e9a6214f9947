with

bought as (

    select * from {{ ref('int_customer_products') }}

),

affinity as (

    select * from {{ ref('int_product_affinity') }}

    where affinity_rank <= {{ var('next_best_companions') }}

),

due as (

    select * from {{ ref('int_replenishments') }}

    where replenishment_state = 'due'

),

latest as (

    select
        customer_id,
        sku

    from bought

    where
        latest_rank <= {{ var('next_best_latest') }}
        and last_bought_date > {{ days_before_night(var('affinity_window_days')) }}

),

companions as (

    select
        latest.customer_id,
        latest.sku,
        affinity.other_sku,
        affinity.confidence,
        rank() over (
            partition by latest.customer_id, affinity.other_sku
            order by affinity.confidence desc, latest.sku asc
        ) as because_rank

    from latest

    inner join affinity on latest.sku = affinity.sku

),

final as (

    select
        customer_id,
        sku,
        'replenishment_due' as reason,
        1 as reason_priority,
        sku as because_sku,
        cast(bought_days as numeric) as weight
    from due
    union all
    select
        companions.customer_id,
        companions.other_sku as sku,
        'bought_together' as reason,
        2 as reason_priority,
        companions.sku as because_sku,
        companions.confidence as weight
    from companions
    left join bought
        on
            companions.customer_id = bought.customer_id
            and companions.other_sku = bought.sku
    where
        companions.because_rank = 1
        and bought.sku is null

)

select * from final
