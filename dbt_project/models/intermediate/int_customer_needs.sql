{#- A view: customer_360 alone reads it, so nothing is written that is read once. -#}
{{ config(materialized='view') }}

with

customers as (

    select * from {{ ref('dim_customers') }}

),

membership as (

    select
        *,
        case when membership_amount > 0 then membership_amount else 0 end as earned_amount

    from {{ ref('int_customer_membership') }}

),

final as (

    select
        customers.customer_id,
        habits.preferred_channel,
        habits.preferred_hour,
        habits.favourite_store_id,
        stores.store_name as favourite_store_name,
        tastes.favourite_category,
        tastes.favourite_brand,
        cast(habits.discounted_order_count as numeric) / nullif(orders.order_count, 0) as discounted_order_share,
        habits.discount_amount / nullif(habits.full_price_amount, 0) as discount_rate,
        tastes.known_margin,
        tastes.known_margin / nullif(tastes.costed_amount, 0) as known_margin_rate,
        coalesce(tastes.costed_amount, 0) / nullif(tastes.goods_amount, 0) as margin_coverage,
        coalesce(points.points_balance, 0) as points_balance,
        coalesce(points.points_expiring, 0) as points_expiring,
        points.next_expiry_date as points_expiry_date,
        coalesce(coupons.open_coupon_count, 0) as open_coupon_count,
        coupons.next_coupon_expires_at,
        carts.abandoned_cart_at,
        carts.abandoned_cart_amount,
        refills.replenishment_due_date,
        refills.replenishment_sku,
        samples.sample_sku,
        samples.full_size_sku,
        samples.sampled_date,
        novelties.new_product_category,
        coalesce(novelties.new_product_count, 0) as new_product_count,
        festivals.festival_due,
        festivals.festival_date,
        membership.earned_amount / nullif(membership.earned_amount + membership.amount_to_next_level, 0)
            as membership_progress,
        {{ days_between(night(), 'membership.membership_review_date') }} as days_to_membership_review,
        coalesce(
            {{ birthday_after('customers.birth_date', night()) }}
            <= {{ days_after(night(), var('birthday_notice_days') | int) }},
            false
        ) as has_birthday_soon

    from customers

    left join membership on customers.customer_id = membership.customer_id

    left join {{ ref('int_customer_orders') }} as orders on customers.customer_id = orders.customer_id

    left join {{ ref('int_customer_habits') }} as habits on customers.customer_id = habits.customer_id

    left join {{ ref('dim_stores') }} as stores on habits.favourite_store_id = stores.store_id

    left join {{ ref('int_customer_tastes') }} as tastes on customers.customer_id = tastes.customer_id

    left join {{ ref('int_customer_points') }} as points on customers.customer_id = points.customer_id

    left join {{ ref('int_customer_coupons') }} as coupons on customers.customer_id = coupons.customer_id

    left join {{ ref('int_customer_carts') }} as carts on customers.customer_id = carts.customer_id

    left join {{ ref('int_customer_refills') }} as refills on customers.customer_id = refills.customer_id

    left join {{ ref('int_customer_samples') }} as samples on customers.customer_id = samples.customer_id

    left join {{ ref('int_customer_novelties') }} as novelties on customers.customer_id = novelties.customer_id

    left join {{ ref('int_customer_festivals') }} as festivals on customers.customer_id = festivals.customer_id

)

select * from final
