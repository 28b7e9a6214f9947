with

coupons as (

    select * from {{ source('standardised', 'coupons') }}

),

final as (

    select
        source || ':' || source_key as coupon_id,
        source,
        source_key as coupon_key,
        customer_key,
        source || ':' || order_key as order_id,
        code,
        campaign,
        issued_at,
        expires_at,
        redeemed_at,
        {{ business_date('redeemed_at') }} as redeemed_date,
        currency,
        discount_amount

    from coupons

)

select * from final
