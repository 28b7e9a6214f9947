with

customers as (

    select * from {{ source('marts', 'customer_360') }}

),

final as (

    select
        customer_id,
        'would not recommend the brand: ' || {{ count_text('last_nps') }} || ' of 10' as reason

    from customers

    where
        last_nps <= 6
        and {{ business_date('last_nps_at') }} > {{ days_before_night(var('detractor_days')) }}

)

select * from final
