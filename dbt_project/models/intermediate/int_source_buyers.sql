with

known as (

    select * from {{ ref('int_buyer_keys') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

    where customer_id is null

),

returns as (

    select * from {{ ref('fct_returns') }}

    where customer_id is null

),

buyers as (

    select
        source,
        customer_key
    from known
    union distinct
    select
        source,
        customer_key
    from orders
    where customer_key is not null
    union distinct
    select
        source,
        customer_key
    from returns
    where customer_key is not null

),

customers as (

    select distinct
        source,
        customer_id

    from known

),

identified as (

    select
        source,
        count(*) as identified_customers

    from customers

    group by source

),

counted as (

    select
        source,
        count(*) as customers

    from buyers

    group by source

),

final as (

    select
        counted.source,
        counted.customers,
        coalesce(identified.identified_customers, 0) as identified_customers

    from counted

    left join identified on counted.source = identified.source

)

select * from final
