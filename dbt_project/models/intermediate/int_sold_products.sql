with

order_lines as (

    select * from {{ ref('fct_order_lines') }}

),

ranked as (

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

final as (

    select
        sku,
        max(case when place = 1 then product_name end) as product_name,
        min(order_date) as first_sold_date,
        max(order_date) as last_sold_date

    from ranked

    group by sku

)

select * from final
