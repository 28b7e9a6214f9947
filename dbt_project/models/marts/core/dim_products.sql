with

listed as (

    select * from {{ ref('int_listed_products') }}

),

sold as (

    select * from {{ ref('int_sold_products') }}

),

returns as (

    select * from {{ ref('fct_returns') }}

),

reviews as (

    select * from {{ ref('stg_reviews') }}

),

skus as (

    select sku from listed
    union distinct
    select sku from sold
    union distinct
    select sku from returns
    where sku is not null
    union distinct
    select sku from reviews
    where sku is not null

),

final as (

    select
        skus.sku,
        listed.category,
        listed.brand,
        listed.list_price,
        listed.list_price_currency,
        listed.unit_cost,
        listed.unit_cost_currency,
        sold.first_sold_date,
        sold.last_sold_date,
        listed.sku is not null as is_listed,
        coalesce(listed.product_name, sold.product_name) as product_name,
        coalesce(listed.is_active, false) as is_active

    from skus

    left join listed on skus.sku = listed.sku

    left join sold on skus.sku = sold.sku

)

select * from final
