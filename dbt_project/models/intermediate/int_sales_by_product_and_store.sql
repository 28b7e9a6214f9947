with

days as (

    select
        sku,
        store_id,
        order_lines,
        net_amount,
        {{ first_day_of('month', 'order_date') }} as month_start

    from {{ ref('int_sales_days') }}

),

final as (

    select
        month_start,
        'product' as dimension,
        sku as dimension_value,
        sum(order_lines) as order_lines,
        sum(net_amount) as net_amount
    from days
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
    from days
    group by
        month_start,
        store_id

)

select * from final
