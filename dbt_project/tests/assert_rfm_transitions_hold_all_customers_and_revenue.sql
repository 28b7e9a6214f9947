-- Of each month: every customer of both of its ends is in one pair, and all net revenue of known customers is.
with

transitions as (

    select
        month_end,
        sum(case when from_segment <> 'Entered' then customers else 0 end) as came_with,
        sum(customers) as went_with,
        sum(net_revenue) as net_revenue

    from {{ ref('rfm_transitions') }}

    where batch_id = {{ var('batch_id', 0) }}

    group by month_end

),

arrivals as (

    select
        {{ month_end('valid_from') }} as month_end,
        count(*) as customers

    from {{ ref('int_rfm_changes') }}

    where previous_segment is null

    group by {{ month_end('valid_from') }}

),

customers as (

    select
        transitions.month_end,
        sum(arrivals.customers) as went_with,
        sum(case when arrivals.month_end < transitions.month_end then arrivals.customers else 0 end) as came_with

    from transitions

    inner join arrivals on transitions.month_end >= arrivals.month_end

    group by transitions.month_end

),

revenue as (

    select
        {{ month_end('happened_on') }} as month_end,
        sum(amount) as net_revenue

    from {{ ref('int_customer_moneys') }}

    group by {{ month_end('happened_on') }}

),

final as (

    select transitions.month_end

    from transitions

    left join customers on transitions.month_end = customers.month_end

    left join revenue on transitions.month_end = revenue.month_end

    where
        transitions.went_with <> coalesce(customers.went_with, 0)
        or transitions.came_with <> coalesce(customers.came_with, 0)
        or transitions.net_revenue <> coalesce(revenue.net_revenue, 0)

)

select * from final
