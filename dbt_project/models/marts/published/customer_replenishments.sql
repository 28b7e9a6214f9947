with

replenishments as (

    select * from {{ ref('int_replenishments') }}

),

final as (

    select
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        customer_id,
        sku,
        bought_days,
        first_bought_date,
        last_bought_date,
        interval_days,
        expected_date,
        replenishment_state,
        {{ as_of() }} as data_as_of

    from replenishments

)

select * from final
