with

orders as (

    select * from {{ ref('stg_orders') }}

),

final as (

    select
        source,
        min(channel) as channel

    from orders

    group by source

    having min(channel) = max(channel)

)

select * from final
