with

carts as (

    select * from {{ ref('fct_carts') }}

    where
        customer_id is not null
        and status = 'abandoned'
        and {{ business_date('updated_at') }} > {{ days_before_night(var('abandoned_cart_days')) }}

),

ranked as (

    select
        *,
        row_number() over (partition by customer_id order by updated_at desc, cart_id desc) as place

    from carts

),

final as (

    select
        customer_id,
        updated_at as abandoned_cart_at,
        amount as abandoned_cart_amount

    from ranked

    where place = 1

)

select * from final
