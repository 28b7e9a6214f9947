with

warranties as (

    select * from {{ source('standardised', 'warranties') }}

),

final as (

    select
        source || ':' || source_key as warranty_id,
        source,
        source_key as warranty_key,
        customer_key,
        order_number,
        sku,
        purchased_on,
        registered_at,
        {{ business_date('registered_at') }} as registered_date,
        valid_until

    from warranties

)

select * from final
