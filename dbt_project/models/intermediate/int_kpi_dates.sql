with

orders as (

    select * from {{ ref('fct_orders') }}

),

dates as (

    select distinct order_date as business_date from orders

),

final as (

    select
        business_date,
        business_date as day_start,
        {{ days_after('business_date', -1) }} as day_before,
        {{ first_day_of('week', 'business_date') }} as week_start,
        {{ days_after(first_day_of('week', 'business_date'), -7) }} as week_before,
        {{ first_day_of('month', 'business_date') }} as month_start,
        {{ months_after(first_day_of('month', 'business_date'), -1) }} as month_before,
        {{ days_after('business_date', var('active_customer_days')) }} as inactive_from,
        {{ lost_from('business_date') }} as lost_from

    from dates

)

select * from final
