with

orders as (

    select * from {{ ref('fct_orders') }}

),

final as (

    select
        source,
        cast(sum(line_count) as bigint) as order_lines,
        count(*) as orders,
        sum(net_amount) as order_amount,
        coalesce(sum(case when not is_revenue then net_amount end), 0) as not_revenue_amount

    from orders

    group by source

)

select * from final
