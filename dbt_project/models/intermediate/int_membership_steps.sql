{#- A view: of some customers, or of all, it is worked out as it is read. -#}
{{ config(materialized='view') }}

with

levels as (

    select * from {{ ref('membership_levels') }}

),

-- Nobody is ever on a level that no amount of its own has reached.
points as (

    select
        *,
        max(reached_place) over (partition by customer_id) as highest_place

    from {{ ref('int_membership_points') }}

),

final as (

    select
        points.customer_id,
        points.point_date,
        levels.place,
        points.rolling_amount,
        points.reached_place,
        case
            when points.reached_place > levels.place then points.reached_place
            when points.rolling_amount >= levels.keep_amount or levels.place = 1 then levels.place
            else points.reached_place
        end as place_after_review,
        min(case when points.reached_place > levels.place then points.point_date end) over (
            partition by points.customer_id, levels.place
            order by points.point_date desc
            rows between unbounded preceding and 1 preceding
        ) as next_upgrade_date

    from points

    inner join levels on points.highest_place >= levels.place

)

select * from final
