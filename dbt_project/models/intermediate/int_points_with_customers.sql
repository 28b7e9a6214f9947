with

points as (

    select * from {{ ref('stg_points') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

customer_records as (

    select * from {{ ref('stg_customer_records') }}

),

final as (

    select
        points.movement_id,
        points.source,
        points.customer_key,
        orders.order_id,
        points.kind,
        points.points,
        points.moved_at,
        points.moved_date,
        points.expires_on,
        coalesce(customer_records.customer_id, orders.customer_id) as customer_id,
        -- Points of a record that is gone are an account of their own.
        coalesce(
            customer_records.customer_id, orders.customer_id, points.source || ':' || points.customer_key
        ) as holder_id

    from points

    left join orders on points.order_id = orders.order_id

    left join customer_records
        on
            points.source = customer_records.source
            and points.customer_key = customer_records.customer_key

)

select * from final
