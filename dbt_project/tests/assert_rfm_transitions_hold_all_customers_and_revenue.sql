-- Of each month: every customer of both of its ends is in one pair, and all net revenue of known customers is.
with

transitions as (

    select
        month_end,
        sum(case when from_segment <> 'Entered' then customers else 0 end) as came_with,
        sum(case when to_segment <> 'Left' then customers else 0 end) as went_with,
        sum(net_revenue) as net_revenue

    from {{ ref('rfm_transitions') }}

    where batch_id = {{ var('batch_id', 0) }}

    group by month_end

),

month_ends as (

    select
        month_end,
        count(*) as customers

    from {{ ref('rfm_month_ends') }}

    group by month_end

),

revenue as (

    select
        month_end,
        sum(net_revenue) as net_revenue

    from {{ ref('int_rfm_month_revenue') }}

    group by month_end

),

final as (

    select transitions.month_end

    from transitions

    inner join month_ends on transitions.month_end = month_ends.month_end

    left join month_ends as previous
        on {{ month_end(days_after('previous.month_end', 1)) }} = transitions.month_end

    left join revenue on transitions.month_end = revenue.month_end

    where
        transitions.went_with <> month_ends.customers
        or transitions.came_with <> coalesce(previous.customers, 0)
        or transitions.net_revenue <> coalesce(revenue.net_revenue, 0)

)

select * from final
