with

customers as (

    select * from {{ source('marts', 'customer_360') }}

),

final as (

    select
        customer_id,
        {{ count_text('points_expiring') }} || ' points expire, the first on ' || cast(points_expiry_date as text)
            as reason

    from customers

    where
        points_expiring >= {{ var('points_expiring_least') }}
        and {{ may_be_promoted_to('customer_id') }}

)

select * from final
