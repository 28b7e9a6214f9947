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

combined as (

    {{ kpi_combined_days() }}

),

days as (

    {{ kpi_order_days() }}

),

-- An order with which a customer moved is also a row of the member that it left.
final as (

    {{ kpi_days_added_up() }}

)

select * from final
