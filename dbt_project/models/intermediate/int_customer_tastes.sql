{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id'], 'unique': true}],
    meta={'touched_keys': 'int_touched_buyers', 'rebuilt_with': ['int_product_costs']},
) }}

with

bought as (

    select
        bought.customer_id,
        bought.last_bought_date,
        bought.units,
        bought.net_amount,
        products.category,
        products.brand,
        products.unit_cost

    from {{ ref('int_customer_products') }} as bought

    left join {{ ref('int_product_costs') }} as products on bought.sku = products.sku

    where {{ is_touched('int_touched_buyers', ['bought.customer_id']) }}

),

summed as (

    select
        customer_id,
        category,
        brand,
        max(last_bought_date) as last_bought_date,
        sum(net_amount) as net_amount,
        sum(case when unit_cost is not null then net_amount end) as costed_amount,
        sum(units * unit_cost) as cost_amount

    from bought

    group by
        customer_id,
        category,
        brand

),

tastes as (

    {% for taste in ['category', 'brand'] -%}
        select
            customer_id,
            '{{ taste }}' as taste,
            {{ taste }} as choice_key,
            sum(net_amount) as net_amount,
            max(last_bought_date) as last_bought_date
        from summed
        where {{ taste }} is not null
        group by
            customer_id,
            {{ taste }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

ranked as (

    select
        *,
        row_number() over (
            partition by customer_id, taste
            order by net_amount desc, last_bought_date desc, choice_key asc
        ) as place

    from tastes

),

favourites as (

    select
        customer_id,
        max(case when taste = 'category' then choice_key end) as favourite_category,
        max(case when taste = 'brand' then choice_key end) as favourite_brand

    from ranked

    where place = 1

    group by customer_id

),

margins as (

    select
        customer_id,
        sum(net_amount) as goods_amount,
        sum(costed_amount) as costed_amount,
        sum(costed_amount) - sum(cost_amount) as known_margin

    from summed

    group by customer_id

),

final as (

    select
        margins.*,
        favourites.favourite_category,
        favourites.favourite_brand

    from margins

    left join favourites on margins.customer_id = favourites.customer_id

)

select * from final
