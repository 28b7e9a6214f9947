with

order_lines as (

    select * from {{ ref('fct_order_lines') }}

    where is_revenue

),

by_product_and_store as (

    select
        {{ first_day_of('month', 'order_date') }} as month_start,
        coalesce(sku, 'none') as sku,
        coalesce(store_id, 'none') as store_id,
        count(*) as order_lines,
        sum(net_amount) as net_amount

    from order_lines

    group by
        {{ first_day_of('month', 'order_date') }},
        coalesce(sku, 'none'),
        coalesce(store_id, 'none')

),

final as (

    select
        month_start,
        'product' as dimension,
        sku as dimension_value,
        sum(order_lines) as order_lines,
        sum(net_amount) as net_amount
    from by_product_and_store
    group by
        month_start,
        sku
    union all
    select
        month_start,
        'store' as dimension,
        store_id as dimension_value,
        sum(order_lines) as order_lines,
        sum(net_amount) as net_amount
    from by_product_and_store
    group by
        month_start,
        store_id

)

select * from final
