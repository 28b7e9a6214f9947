with

replenishments as (

    select * from {{ ref('int_replenishments') }}

    where replenishment_state = 'due'

),

ranked as (

    select
        *,
        row_number() over (
            partition by customer_id
            order by expected_date asc, bought_days desc, sku asc, customer_id asc
        ) as place

    from replenishments

),

final as (

    select
        customer_id,
        expected_date as replenishment_due_date,
        sku as replenishment_sku

    from ranked

    where place = 1

)

select * from final
