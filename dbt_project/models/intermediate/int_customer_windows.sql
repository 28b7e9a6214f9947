with

moneys as (

    select * from {{ ref('int_customer_moneys') }}

),

final as (

    select
        customer_id,
        {{ window_columns() }}

    from moneys

    group by customer_id

)

select * from final
