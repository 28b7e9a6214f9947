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

counts as (

    select * from {{ ref('int_rfm_month_counts') }}

),

flows as (

    select
        month_end,
        to_segment as segment,
        customers
    from counts
    union all
    select
        month_end,
        from_segment as segment,
        -customers as customers
    from counts
    where from_segment <> 'Entered'

),

-- Who stays in a segment the whole month has no row: as many as had come and not gone, less those who have one.
stayed as (

    select
        pairs.month_end,
        flows.segment,
        flows.customers

    from pairs

    inner join flows on pairs.previous_month_end >= flows.month_end

    union all

    select
        month_end,
        from_segment as segment,
        -customers as customers

    from counts

),

all_moves as (

    select
        month_end,
        from_segment,
        to_segment,
        customers,
        net_revenue
    from counts
    union all
    select
        month_end,
        segment as from_segment,
        segment as to_segment,
        customers,
        0 as net_revenue
    from stayed
    where segment <> 'Entered'

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        all_moves.month_end,
        all_moves.from_segment,
        all_moves.to_segment,
        cast(sum(all_moves.customers) as bigint) as customers,
        sum(all_moves.net_revenue) as net_revenue,
        {{ as_of() }} as data_as_of

    from all_moves

    inner join pairs on all_moves.month_end = pairs.month_end

    group by
        all_moves.month_end,
        all_moves.from_segment,
        all_moves.to_segment

    having sum(all_moves.customers) > 0

)

select * from final
