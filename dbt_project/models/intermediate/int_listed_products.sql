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
        coalesce(source_trust.currency, '{{ var("base_currency") }}') as source_currency,
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

described as (

    select
        sku,
        place,
        is_active,
        {{ first_given('product_name', 'sku', 'place') }} as product_name,
        {{ first_given('category', 'sku', 'place') }} as category,
        {{ first_given('brand', 'sku', 'place') }} as brand,
        {{ first_given('list_price', 'sku', 'place') }} as list_price,
        {{ first_given('list_price', 'sku', 'place', of='source_currency') }} as list_price_currency,
        {{ first_given('unit_cost', 'sku', 'place') }} as unit_cost,
        {{ first_given('unit_cost', 'sku', 'place', of='source_currency') }} as unit_cost_currency

    from ranked

),

final as (

    select
        sku,
        product_name,
        category,
        brand,
        list_price,
        unit_cost,
        is_active,
        case when list_price is not null then list_price_currency end as list_price_currency,
        case when unit_cost is not null then unit_cost_currency end as unit_cost_currency

    from described

    where place = 1

)

select * from final
