with

lines_without_order as (

    select * from {{ ref('int_order_lines_without_order') }}

),

final as (

    select
        source,
        count(*) as order_lines_without_order,
        count(distinct order_id) as missing_orders,
        sum(net_amount) as amount_without_order

    from lines_without_order

    group by source

)

select * from final
