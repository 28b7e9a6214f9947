with

buyers as (

    select * from {{ ref('int_customer_orders') }}

    where first_purchase_date is not null

),

events as (

    select
        customer_id,
        order_date as business_date,
        1 as orders,
        net_amount as gross_revenue,
        0 as returns_amount
    from {{ ref('fct_orders') }}
    where is_revenue
    union all
    select
        customer_id,
        return_date as business_date,
        0 as orders,
        0 as gross_revenue,
        amount as returns_amount
    from {{ ref('fct_returns') }}
    where is_revenue

),

final as (

    select
        events.customer_id,
        {{ first_day_of('month', 'buyers.first_purchase_date') }} as cohort_month,
        greatest({{ months_between('buyers.first_purchase_date', 'events.business_date') }}, 0) as months_since,
        sum(events.orders) as orders,
        sum(events.gross_revenue) as gross_revenue,
        sum(events.returns_amount) as returns_amount

    from events

    inner join buyers on events.customer_id = buyers.customer_id

    group by
        events.customer_id,
        {{ first_day_of('month', 'buyers.first_purchase_date') }},
        greatest({{ months_between('buyers.first_purchase_date', 'events.business_date') }}, 0)

)

select * from final
