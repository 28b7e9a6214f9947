with

order_lines as (

    select * from {{ ref('stg_order_lines') }}

),

final as (

    select
        order_id,
        count(*) as line_count,
        sum(quantity) as units,
        sum(gross_amount) as gross_amount,
        sum(discount_amount) as line_discount_amount,
        sum(net_amount) as net_amount

    from order_lines

    group by order_id

)

select * from final
