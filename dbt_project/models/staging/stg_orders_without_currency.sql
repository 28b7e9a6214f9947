with

rejects as (

    select * from {{ source('standardised', 'rejects') }}

),

final as (

    select
        source,
        source_key as order_key,
        max(reason) as reason

    from rejects

    where
        entity = 'orders'
        and column_name = 'currency'

    group by
        source,
        source_key

)

select * from final
