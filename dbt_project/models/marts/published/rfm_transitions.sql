with

all_pairs as (
    {{ month_end_rows(var('rfm_transition_months')) }}
),

history as (

    select min(valid_from) as history_start from {{ ref('int_rfm_cut_points') }}

),

pairs as (

    select
        all_pairs.month_end,
        all_pairs.previous_month_end

    from all_pairs

    inner join history on all_pairs.previous_month_end >= history.history_start

),

month_ends as (

    select * from {{ ref('rfm_month_ends') }}

),

revenue as (

    select * from {{ ref('int_rfm_month_revenue') }}

),

arrivals as (

    select
        pairs.month_end,
        month_ends.customer_id,
        cast(null as text) as from_segment,
        month_ends.rfm_segment as to_segment

    from pairs

    inner join month_ends on pairs.month_end = month_ends.month_end

),

departures as (

    select
        pairs.month_end,
        month_ends.customer_id,
        month_ends.rfm_segment as from_segment,
        cast(null as text) as to_segment

    from pairs

    inner join month_ends on pairs.previous_month_end = month_ends.month_end

),

both_ends as (

    select * from arrivals
    union all
    select * from departures

),

moves as (

    select
        month_end,
        customer_id,
        coalesce(max(from_segment), 'Entered') as from_segment,
        coalesce(max(to_segment), 'Left') as to_segment

    from both_ends

    group by
        month_end,
        customer_id

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        moves.month_end,
        moves.from_segment,
        moves.to_segment,
        count(*) as customers,
        coalesce(sum(revenue.net_revenue), 0) as net_revenue,
        {{ as_of() }} as data_as_of

    from moves

    left join revenue
        on
            moves.customer_id = revenue.customer_id
            and moves.month_end = revenue.month_end

    group by
        moves.month_end,
        moves.from_segment,
        moves.to_segment

)

select * from final
