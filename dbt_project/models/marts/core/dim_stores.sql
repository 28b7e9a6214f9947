with

stores as (

    select * from {{ ref('stg_stores') }}

),

orders as (

    select * from {{ ref('stg_orders') }}

),

returns as (

    select * from {{ ref('stg_returns') }}

),

payments as (

    select * from {{ ref('stg_payments') }}

),

store_ids as (

    select
        store_id,
        source
    from stores
    union distinct
    select
        store_id,
        source
    from orders
    where store_id is not null
    union distinct
    select
        store_id,
        source
    from returns
    where store_id is not null
    union distinct
    select
        store_id,
        source
    from payments
    where store_id is not null

),

final as (

    select
        store_ids.store_id,
        store_ids.source,
        stores.store_name,
        stores.city,
        stores.region,
        stores.country,
        stores.opened_on,
        stores.store_id is not null as is_listed

    from store_ids

    left join stores on store_ids.store_id = stores.store_id

)

select * from final
