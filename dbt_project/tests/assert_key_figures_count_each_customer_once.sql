-- Periods that ended in the last two weeks or are not over have as many customers as the facts, counted one by one.
with

periods as (

    select *

    from {{ ref('kpi_sales') }}

    where
        batch_id = {{ var('batch_id', 0) }}
        and period_end > {{ days_before_night(14) }}

),

orders as (

    select * from {{ ref('int_kpi_orders') }}

    where order_date > {{ days_before_night(45) }}

),

final as (

    {{ kpi_recounted_customers() }}

)

select * from final
