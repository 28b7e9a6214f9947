{{ config(
    materialized='incremental', unique_key='customer_id', indexes=[{'columns': ['customer_id']}],
    meta={'touched_keys': 'int_touched_buyers'},
) }}

with

returns as (

    select * from {{ ref('fct_returns') }}

    where
        customer_id is not null
        and {{ is_touched('int_touched_buyers', ['customer_id']) }}

),

order_lines as (

    select * from {{ ref('fct_order_lines') }}

    where sku is not null

),

final as (

    select
        customer_id,
        sku
    from returns
    where sku is not null
    union distinct
    select
        returns.customer_id,
        order_lines.sku
    from returns
    inner join order_lines
        on
            returns.order_id = order_lines.order_id
            and (
                returns.order_line_id = order_lines.order_line_id
                or (returns.sku is null and returns.order_line_id is null)
            )

)

select * from final
