with

orders as (

    select * from {{ ref('int_kpi_orders') }}

),

dates as (

    select * from {{ ref('int_kpi_dates') }}

),

steps as (

    {{ kpi_order_steps() }}

),

final as (

    {{ kpi_order_days() }}

)

select * from final
