with

orders as (

    select * from {{ ref('int_touched_orders') }}

),

order_lines as (

    select * from {{ ref('stg_order_lines') }}

),

returns as (

    select * from {{ ref('stg_returns') }}

),

touched_returns as (

    {{ touched('standardised.returns', 'source_key') }}

),

touched_lines as (

    {{ touched('standardised.order_lines', 'source_key') }}

),

touched_customers as (

    {{ touched('identity.customer_records', 'source_key') }}

),

-- Of an order whose currency could not be read only the reject is there.
touched_rejects as (

    {{ touched('standardised.rejects', 'source_key') }}

),

order_keys as (

    select
        source,
        order_key
    from orders
    union distinct
    select
        source,
        key as order_key
    from touched_rejects

),

line_keys as (

    select
        source,
        key as order_line_key
    from touched_lines
    union distinct
    select
        order_lines.source,
        order_lines.order_line_key
    from orders
    inner join order_lines on orders.source = order_lines.source and orders.order_key = order_lines.order_key

),

keys as (

    select
        source,
        key as return_key
    from touched_returns
    union distinct
    select
        returns.source,
        returns.return_key
    from order_keys
    inner join returns on order_keys.source = returns.source and order_keys.order_key = returns.order_key
    union distinct
    select
        returns.source,
        returns.return_key
    from line_keys
    inner join returns on line_keys.source = returns.source and line_keys.order_line_key = returns.order_line_key
    union distinct
    select
        returns.source,
        returns.return_key
    from touched_customers
    inner join returns on touched_customers.source = returns.source and touched_customers.key = returns.customer_key

),

final as (

    select
        source,
        return_key,
        source || ':' || return_key as return_id

    from keys

)

select * from final
