with

products as (

    select * from {{ ref('stg_products') }}

),

source_trust as (

    select * from {{ ref('stg_source_trust') }}

),

ranked as (

    select
        products.*,
        coalesce(source_trust.currency, '{{ var("base_currency") }}') as list_price_currency,
        row_number() over (
            partition by products.sku
            order by
                coalesce(source_trust.trust, 0) desc,
                products.is_active desc,
                products.source asc,
                products.product_key asc
        ) as place

    from products

    left join source_trust on products.source = source_trust.source

),

final as (

    select
        sku,
        product_name,
        category,
        brand,
        list_price,
        list_price_currency,
        is_active

    from ranked

    where place = 1

)

select * from final
