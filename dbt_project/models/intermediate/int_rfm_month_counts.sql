{%- set key = ['month_end', 'from_segment', 'to_segment'] -%}
{{ config(
    materialized='incremental', incremental_strategy='added_up',
    unique_key=['month_end', 'from_segment', 'to_segment'], meta={'sums_of': 'int_rfm_month_moves'},
) }}

with

rows_or_changes as (

    {{ rows_or_changes('int_rfm_month_moves') }}

),

moves as (

    select
        month_end,
        from_segment,
        to_segment,
        cast(sum(weight) as bigint) as customers,
        sum(weight * net_revenue) as net_revenue

    from rows_or_changes

    group by
        month_end,
        from_segment,
        to_segment

),

with_last as (

    select * from moves
    {{ last_sums('moves', key, ['customers', 'net_revenue']) }}

),

final as (

    select
        month_end,
        from_segment,
        to_segment,
        cast(sum(customers) as bigint) as customers,
        {{ without_trailing_zeros('sum(net_revenue)') }} as net_revenue

    from with_last

    group by
        month_end,
        from_segment,
        to_segment

)

select * from final
