with

stores as (

    select * from {{ source('standardised', 'stores') }}

),

final as (

    select
        source,
        source_key as store_key,
        store_name,
        city,
        region,
        country,
        opened_on,
        source || ':' || source_key as store_id

    from stores

)

select * from final
