with

products as (

    select * from {{ ref('stg_products') }}

),

source_trust as (

    select * from {{ ref('stg_source_trust') }}

),

order_lines as (

    select * from {{ ref('fct_order_lines') }}

),

returns as (

    select * from {{ ref('fct_returns') }}

),

ranked_products as (

    select
        products.*,
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

ranked_lines as (

    select
        *,
        row_number() over (
            partition by sku
            order by
                case when product_name is not null then 0 else 1 end asc,
                ordered_at desc,
                order_line_id desc
        ) as place

    from order_lines

    where sku is not null

),

sales as (

    select
        sku,
        min(order_date) as first_sold_date,
        max(order_date) as last_sold_date,
        max(case when place = 1 then product_name end) as product_name

    from ranked_lines

    group by sku

),

skus as (

    select sku from products
    union distinct
    select sku from sales
    union distinct
    select sku from returns
    where sku is not null

),

final as (

    select
        skus.sku,
        ranked_products.category,
        ranked_products.brand,
        ranked_products.list_price,
        sales.first_sold_date,
        sales.last_sold_date,
        coalesce(ranked_products.product_name, sales.product_name) as product_name,
        ranked_products.sku is not null as is_listed,
        coalesce(ranked_products.is_active, false) as is_active

    from skus

    left join ranked_products
        on
            skus.sku = ranked_products.sku
            and ranked_products.place = 1

    left join sales on skus.sku = sales.sku

)

select * from final
