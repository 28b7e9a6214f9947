with

orders as (

    select
        customer_id,
        1 as order_count,
        net_amount as amount,
        case when order_date > {{ night() }} then {{ night() }} else order_date end as happened_on

    from {{ ref('fct_orders') }}

    where
        is_revenue
        and customer_id is not null

),

returns as (

    select
        customer_id,
        0 as order_count,
        -amount as amount,
        case when return_date > {{ night() }} then {{ night() }} else return_date end as happened_on

    from {{ ref('fct_returns') }}

    where
        is_revenue
        and customer_id is not null

),

happened as (

    select * from orders
    union all
    select * from returns

),

in_and_out as (

    select
        customer_id,
        happened_on as event_date,
        order_count,
        order_count as purchases,
        amount

    from happened

    union all

    select
        customer_id,
        {{ days_after('happened_on', var('rfm_window_days') | int) }} as event_date,
        -order_count as order_count,
        0 as purchases,
        -amount as amount

    from happened

),

final as (

    select
        customer_id,
        event_date,
        sum(order_count) as order_count,
        sum(amount) as amount,
        sum(purchases) as purchases

    from in_and_out

    where event_date <= {{ night() }}

    group by
        customer_id,
        event_date

)

select * from final
