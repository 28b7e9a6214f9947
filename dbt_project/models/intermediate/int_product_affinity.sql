with

basket_products as (

    select * from {{ ref('int_basket_products') }}

),

totals as (

    select count(distinct order_id) as all_orders from basket_products

),

pairs as (

    select
        sku,
        other_sku,
        product_orders,
        other_product_orders,
        orders_together
    from {{ ref('int_product_pairs') }}
    union all
    select
        other_sku as sku,
        sku as other_sku,
        other_product_orders as product_orders,
        product_orders as other_product_orders,
        orders_together
    from {{ ref('int_product_pairs') }}

),

measured as (

    select
        pairs.*,
        totals.all_orders,
        cast(pairs.orders_together as numeric) / totals.all_orders as support,
        cast(pairs.orders_together as numeric) / pairs.product_orders as confidence,
        cast(pairs.orders_together as numeric) * totals.all_orders
        / (pairs.product_orders * pairs.other_product_orders) as lift

    from pairs

    cross join totals

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
