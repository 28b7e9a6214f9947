with

return_requests as (

    select * from {{ source('standardised', 'return_requests') }}

),

final as (

    select
        source || ':' || source_key as return_request_id,
        source,
        order_number,
        source || ':' || case_key as case_id,
        sku,
        batch,
        carrier,
        reason,
        requested_by,
        requested_at,
        {{ business_date('requested_at') }} as requested_date,
        decided_at,
        decision

    from return_requests

)

select * from final
