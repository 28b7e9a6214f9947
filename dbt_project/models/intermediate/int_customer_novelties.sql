with

products as (

    select * from {{ ref('dim_products') }}

    where first_sold_date is not null

),

-- What was sold when the data begins may have been sold for years.
beginnings as (

    select min(first_sold_date) as begins_on
    from products

),

new_products as (

    select products.*

    from products

    inner join beginnings
        on products.first_sold_date > {{ days_after('beginnings.begins_on', var('new_product_days') | int) }}

    where products.category is not null

),

counted as (

    select
        bought.customer_id,
        new_products.category,
        count(*) as new_product_count,
        max(bought.first_bought_date) as last_tried_date

    from {{ ref('int_customer_products') }} as bought

    inner join new_products
        on
            bought.sku = new_products.sku
            and bought.first_bought_date
            < {{ days_after('new_products.first_sold_date', var('new_product_days') | int) }}

    group by
        bought.customer_id,
        new_products.category

),

ranked as (

    select
        *,
        row_number() over (
            partition by customer_id
            order by new_product_count desc, last_tried_date desc, category asc, customer_id asc
        ) as place

    from counted

),

final as (

    select
        customer_id,
        category as new_product_category,
        new_product_count

    from ranked

    where place = 1

)

select * from final
