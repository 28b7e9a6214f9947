with

products as (

    select * from {{ ref('int_listed_products') }}

),

rates as (

    select * from {{ ref('int_exchange_rates') }}

    where {{ is_in_force('valid_from', 'valid_before') }}

),

final as (

    select
        products.sku,
        products.category,
        products.brand,
        products.unit_cost * rates.rate as unit_cost

    from products

    left join rates on products.unit_cost_currency = rates.currency

)

select * from final
