with

events as (

    select
        customer_id,
        order_date as event_date,
        net_amount as amount
    from {{ ref('fct_orders') }}
    where is_revenue and customer_id is not null
    union all
    select
        customer_id,
        return_date as event_date,
        -amount as amount
    from {{ ref('fct_returns') }}
    where is_revenue and customer_id is not null

),

final as (

    select
        customer_id,
        {{ month_end('event_date') }} as month_end,
        sum(amount) as net_revenue

    from events

    group by
        customer_id,
        {{ month_end('event_date') }}

)

select * from final
