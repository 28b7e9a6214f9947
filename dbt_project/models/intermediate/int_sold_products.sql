with

order_lines as (

    select * from {{ ref('fct_order_lines') }}

    where sku is not null

),

named as (

    select
        sku,
        product_name,
        max(ordered_at) as last_ordered_at,
        min(order_date) as first_sold_date,
        max(order_date) as last_sold_date

    from order_lines

    group by
        sku,
        product_name

),

ranked as (

    select
        *,
        rank() over (
            partition by sku
            order by
                case when product_name is not null then 0 else 1 end asc,
                last_ordered_at desc,
                product_name asc
        ) as place

    from named

),

final as (

    select
        sku,
        max(case when place = 1 then product_name end) as product_name,
        min(first_sold_date) as first_sold_date,
        max(last_sold_date) as last_sold_date

    from ranked

    group by sku

)

select * from final
