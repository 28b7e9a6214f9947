with

orders as (

    select * from {{ ref('stg_orders') }}

),

order_totals as (

    select * from {{ ref('int_order_totals') }}

),

customer_records as (

    select * from {{ ref('stg_customer_records') }}

),

joined as (

    select
        orders.*,
        customer_records.customer_id,
        coalesce(order_totals.line_count, 0) as line_count,
        coalesce(order_totals.units, 0) as units,
        coalesce(order_totals.gross_amount, 0) as gross_amount,
        coalesce(order_totals.line_discount_amount, 0) as line_discount_amount,
        coalesce(order_totals.net_amount, 0) - orders.order_discount_amount as merchandise_amount,
        orders.status <> 'cancelled' and orders.currency = '{{ var("base_currency") }}' as is_revenue

    from orders

    left join order_totals on orders.order_id = order_totals.order_id

    left join customer_records
        on
            orders.source = customer_records.source
            and orders.customer_key = customer_records.customer_key

),

final as (

    select
        order_id,
        source,
        order_key,
        order_number,
        channel,
        store_id,
        customer_id,
        customer_key,
        ordered_at,
        order_date,
        status,
        currency,
        is_revenue,
        line_count,
        units,
        gross_amount,
        line_discount_amount,
        order_discount_amount,
        merchandise_amount,
        shipping_amount,
        total_amount,
        merchandise_amount + shipping_amount as net_amount,
        total_amount - merchandise_amount - shipping_amount as total_difference

    from joined

)

select * from final
