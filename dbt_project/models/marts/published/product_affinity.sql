with

affinity as (

    select * from {{ ref('int_product_affinity') }}

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

    from affinity

)

select * from final
