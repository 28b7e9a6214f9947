with

cases as (

    select * from {{ ref('fct_service_cases') }}

    where kind = 'complaint'

),

orders as (

    select * from {{ ref('fct_orders') }}

),

final as (

    select
        cases.case_id,
        cases.opened_date,
        cases.sku,
        cases.cause as reason,
        cases.carrier,
        orders.store_id,
        cases.batch

    from cases

    left join orders on cases.order_id = orders.order_id

)

select * from final
