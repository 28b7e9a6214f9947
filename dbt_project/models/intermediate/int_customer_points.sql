with

points as (

    select * from {{ ref('fct_points') }}

),

final as (

    select
        customer_id,
        sum(points) as points_balance,
        sum(case when kind = 'earn' then points else 0 end) as points_earned,
        sum(case when kind = 'redeem' then -points else 0 end) as points_redeemed,
        sum(case when kind = 'expire' then -points else 0 end) as points_expired,
        sum(case when kind = 'adjust' then points else 0 end) as points_adjusted,
        sum(
            case
                when expires_on between {{ night() }} and {{ days_after(night(), var('points_expiring_days')) }}
                    then remaining_points
                else 0
            end
        ) as points_expiring,
        min(case when remaining_points > 0 and expires_on >= {{ night() }} then expires_on end) as next_expiry_date,
        max(moved_date) as last_movement_date,
        sum(points) < 0 as is_balance_negative

    from points

    where customer_id is not null

    group by customer_id

)

select * from final
