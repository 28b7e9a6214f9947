with

coupons as (

    select * from {{ ref('fct_coupons') }}

    where
        customer_id is not null
        and status = 'open'
        and issued_at < {{ as_of() }}

),

final as (

    select
        customer_id,
        count(*) as open_coupon_count,
        min(expires_at) as next_coupon_expires_at

    from coupons

    group by customer_id

)

select * from final
