with

leads as (

    select * from {{ source('standardised', 'leads') }}

),

final as (

    select
        source || ':' || source_key as lead_id,
        source,
        source_key as lead_key,
        customer_key,
        channel,
        interest,
        stage,
        lost_reason,
        created_at,
        {{ business_date('created_at') }} as created_date,
        coalesce(updated_at, created_at) as updated_at

    from leads

)

select * from final
