with

customers as (

    select * from {{ source('marts', 'customer_360') }}

),

final as (

    select
        customer_id,
        'complaint open since ' || cast({{ business_date('open_complaint_since') }} as text) as reason

    from customers

    where has_open_complaint

)

select * from final
