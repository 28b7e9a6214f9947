{{ config(indexes=[{'columns': ['customer_id']}]) }}

with

points as (

    select * from {{ ref('int_points_with_customers') }}

),

added_up as (

    select
        *,
        sum(points) over (
            partition by holder_id order by moved_at, movement_id
            rows between unbounded preceding and current row
        ) as balance_after,
        -- What is gone is taken from what expires first, each source from its own points.
        sum(case when points > 0 then points else 0 end) over (
            partition by holder_id, source
            order by coalesce(expires_on, cast('9999-12-31' as date)), moved_at, movement_id
            rows between unbounded preceding and current row
        ) as came_so_far,
        sum(case when points < 0 then -points else 0 end) over (partition by holder_id, source) as gone

    from points

),

with_rest as (

    select
        *,
        case
            when points <= 0 or came_so_far <= gone then 0
            when came_so_far - points >= gone then points
            else came_so_far - gone
        end as remaining_points

    from added_up

),

final as (

    select
        movement_id,
        source,
        customer_id,
        customer_key,
        order_id,
        kind,
        points,
        moved_at,
        moved_date,
        expires_on,
        balance_after,
        remaining_points,
        balance_after < 0 as is_balance_negative,
        remaining_points > 0 and coalesce(expires_on < {{ night() }}, false) as is_expiry_overdue

    from with_rest

)

select * from final
