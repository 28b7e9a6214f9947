{{ config(indexes=[{'columns': ['customer_id']}]) }}

with

warranties as (

    select * from {{ ref('stg_warranties') }}

),

customer_records as (

    select * from {{ ref('stg_customer_records') }}

),

-- A number that more than one order has names none of them.
orders as (

    select
        order_number,
        min(order_id) as order_id,
        min(customer_id) as customer_id,
        min(order_date) as order_date

    from {{ ref('fct_orders') }}

    where order_number in (select warranties.order_number from warranties)

    group by order_number

    having count(*) = 1

),

cases as (

    select * from {{ ref('fct_service_cases') }}

    where kind in ('complaint', 'return_request')

),

with_owners as (

    select
        warranties.*,
        orders.order_id,
        coalesce(customer_records.customer_id, orders.customer_id) as customer_id,
        coalesce(orders.order_date, warranties.purchased_on, warranties.registered_date) as valid_from

    from warranties

    left join orders on warranties.order_number = orders.order_number

    left join customer_records
        on
            warranties.source = customer_records.source
            and warranties.customer_key = customer_records.customer_key

),

claims as (

    select
        with_owners.warranty_id,
        count(*) as claim_count,
        max(cases.opened_date) as last_claim_date

    from with_owners

    inner join cases
        on
            with_owners.customer_id = cases.customer_id
            and with_owners.sku = cases.sku
            and with_owners.valid_from <= cases.opened_date
            and (with_owners.valid_until is null or with_owners.valid_until >= cases.opened_date)

    group by with_owners.warranty_id

),

final as (

    select
        with_owners.warranty_id,
        with_owners.source,
        with_owners.customer_id,
        with_owners.customer_key,
        with_owners.order_id,
        with_owners.order_number,
        with_owners.sku,
        with_owners.registered_at,
        with_owners.registered_date,
        with_owners.valid_from,
        with_owners.valid_until,
        coalesce(with_owners.valid_until >= {{ night() }}, true) as is_valid,
        coalesce(claims.claim_count, 0) as claim_count,
        claims.last_claim_date

    from with_owners

    left join claims on with_owners.warranty_id = claims.warranty_id

)

select * from final
