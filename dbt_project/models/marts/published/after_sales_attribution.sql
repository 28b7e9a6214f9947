{%- set dimensions = {
    'product': 'sku', 'reason': 'reason', 'carrier': 'carrier', 'store': 'store_id', 'batch': 'batch'
} -%}
with

returns as (

    select * from {{ ref('fct_returns') }}

    where is_revenue

),

complaints as (

    select * from {{ ref('int_complaints') }}

),

sales as (

    select * from {{ ref('int_sales_by_product_and_store') }}

),

events as (

    {% for dimension, column in dimensions.items() -%}
        select
            {{ first_day_of('month', 'return_date') }} as month_start,
            '{{ dimension }}' as dimension,
            coalesce({{ column }}, 'none') as dimension_value,
            1 as return_lines,
            coalesce(quantity, 0) as returned_units,
            amount as returns_amount,
            0 as complaints,
            0 as order_lines,
            0 as net_amount
        from returns
        union all
        select
            {{ first_day_of('month', 'opened_date') }} as month_start,
            '{{ dimension }}' as dimension,
            coalesce({{ column }}, 'none') as dimension_value,
            0 as return_lines,
            0 as returned_units,
            0 as returns_amount,
            1 as complaints,
            0 as order_lines,
            0 as net_amount
        from complaints
        union all
    {% endfor -%}
    select
        month_start,
        dimension,
        dimension_value,
        0 as return_lines,
        0 as returned_units,
        0 as returns_amount,
        0 as complaints,
        order_lines,
        net_amount
    from sales

),

final as (

    select
        month_start,
        dimension,
        dimension_value,
        sum(return_lines) as return_lines,
        sum(returned_units) as returned_units,
        sum(returns_amount) as returns_amount,
        sum(complaints) as complaints,
        sum(order_lines) as order_lines,
        sum(net_amount) as net_amount,
        sum(net_amount) - sum(returns_amount) as net_amount_after_returns,
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        case
            when dimension in ('product', 'store') then cast(sum(return_lines) as numeric) / nullif(sum(order_lines), 0)
        end as return_rate,
        case
            when dimension in ('product', 'store') then cast(sum(complaints) as numeric) / nullif(sum(order_lines), 0)
        end as complaint_rate,
        sum(return_lines)
        / nullif(sum(sum(return_lines)) over (partition by month_start, dimension), 0) as share_of_returns,
        {{ as_of() }} as data_as_of

    from events

    group by
        month_start,
        dimension,
        dimension_value

)

select * from final
