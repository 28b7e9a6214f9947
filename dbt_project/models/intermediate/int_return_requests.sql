with

requests as (

    select * from {{ ref('stg_return_requests') }}

),

orders as (

    select * from {{ ref('int_orders_by_number') }}

),

returns as (

    select * from {{ ref('int_returns_with_orders') }}

),

with_orders as (

    select
        requests.*,
        orders.order_id

    from requests

    inner join orders on requests.order_number = orders.order_number

    where coalesce(requests.decision, 'approved') = 'approved'

),

ranked as (

    select
        returns.return_id,
        with_orders.return_request_id,
        with_orders.requested_by,
        with_orders.requested_at,
        with_orders.decided_at,
        with_orders.reason,
        with_orders.carrier,
        with_orders.batch,
        row_number() over (
            partition by returns.return_id
            order by
                case when with_orders.sku = returns.sku then 0 else 1 end asc,
                with_orders.requested_at desc,
                with_orders.return_request_id asc
        ) as place

    from returns

    inner join with_orders
        on
            returns.order_id = with_orders.order_id
            and returns.returned_at >= with_orders.requested_at
            and (with_orders.sku is null or returns.sku is null or returns.sku = with_orders.sku)

),

final as (

    select
        return_id,
        return_request_id,
        requested_by,
        requested_at,
        decided_at,
        reason,
        carrier,
        batch

    from ranked

    where place = 1

)

select * from final
