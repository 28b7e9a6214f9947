with

products as (

    select * from {{ source('standardised', 'products') }}

),

final as (

    select
        source,
        source_key as product_key,
        sku,
        product_name,
        category,
        brand,
        list_price,
        unit_cost,
        coalesce(is_active, 'true') = 'true' as is_active

    from products

)

select * from final
