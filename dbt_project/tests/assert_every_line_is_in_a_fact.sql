-- Lines in = lines in the fact + lines without an order, and so is their money, in its own currency.
with

delivered as (

    select
        count(*) as line_count,
        coalesce(sum(net_amount), 0) as amount

    from {{ ref('stg_order_lines') }}

),

kept as (

    select original_net_amount as net_amount from {{ ref('fct_order_lines') }}
    union all
    select net_amount from {{ ref('int_order_lines_without_order') }}

),

kept_totals as (

    select
        count(*) as line_count,
        coalesce(sum(net_amount), 0) as amount

    from kept

),

final as (

    select
        delivered.line_count as delivered_lines,
        kept_totals.line_count as kept_lines,
        delivered.amount as delivered_amount,
        kept_totals.amount as kept_amount

    from delivered

    cross join kept_totals

    where
        delivered.line_count <> kept_totals.line_count
        or delivered.amount <> kept_totals.amount

)

select * from final
