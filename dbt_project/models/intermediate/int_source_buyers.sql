with

orders as (

    select * from {{ ref('fct_orders') }}

),

returns as (

    select * from {{ ref('fct_returns') }}

),

buyers as (

    select
        source,
        customer_key,
        customer_id
    from orders
    where customer_key is not null
    union distinct
    select
        source,
        customer_key,
        customer_id
    from returns
    where customer_key is not null

),

final as (

    select
        source,
        count(distinct customer_key) as customers,
        count(distinct customer_id) as identified_customers

    from buyers

    group by source

)

select * from final
