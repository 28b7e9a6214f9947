with

pairs as (

    select
        sku,
        other_sku,
        product_orders,
        other_product_orders,
        orders_together,
        all_orders
    from {{ ref('int_product_pairs') }}
    union all
    select
        other_sku as sku,
        sku as other_sku,
        other_product_orders as product_orders,
        product_orders as other_product_orders,
        orders_together,
        all_orders
    from {{ ref('int_product_pairs') }}

),

measured as (

    select
        *,
        cast(orders_together as numeric) / all_orders as support,
        cast(orders_together as numeric) / product_orders as confidence,
        cast(orders_together as numeric) * all_orders
        / (product_orders * other_product_orders) as lift

    from pairs

),

ranked as (

    select
        *,
        rank() over (partition by sku order by confidence desc, lift desc, other_sku asc) as affinity_rank

    from measured

    where lift > 1

),

final as (

    select
        sku,
        other_sku,
        affinity_rank,
        orders_together,
        product_orders,
        other_product_orders,
        all_orders,
        support,
        confidence,
        lift

    from ranked

    where affinity_rank <= {{ var('affinity_kept') }}

)

select * from final
