with

basket_products as (

    select * from {{ ref('int_basket_products') }}

),

totals as (

    select count(distinct order_id) as all_orders from basket_products

),

frequent as (

    select * from basket_products

    where product_orders >= {{ var('affinity_least_orders') }}

),

pairs as (

    select
        bought.sku,
        companion.sku as other_sku,
        bought.product_orders,
        companion.product_orders as other_product_orders,
        count(*) as orders_together

    from frequent as bought

    inner join frequent as companion
        on
            bought.order_id = companion.order_id
            and bought.sku <> companion.sku

    group by
        bought.sku,
        companion.sku,
        bought.product_orders,
        companion.product_orders

    having count(*) >= {{ var('affinity_least_orders') }}

),

measured as (

    select
        pairs.*,
        totals.all_orders,
        cast(pairs.orders_together as numeric) / totals.all_orders as support,
        cast(pairs.orders_together as numeric) / pairs.product_orders as confidence,
        cast(pairs.orders_together as numeric) * totals.all_orders / pairs.product_orders / pairs.other_product_orders
            as lift

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
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        sku,
        other_sku,
        affinity_rank,
        orders_together,
        product_orders,
        other_product_orders,
        all_orders,
        support,
        confidence,
        lift,
        {{ as_of() }} as data_as_of

    from ranked

    where affinity_rank <= {{ var('affinity_kept') }}

)

select * from final
