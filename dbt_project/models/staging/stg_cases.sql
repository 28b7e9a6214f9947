with

cases as (

    select * from {{ source('standardised', 'cases') }}

),

final as (

    select
        source || ':' || source_key as case_id,
        source,
        source_key as case_key,
        customer_key,
        kind,
        status,
        status in ('open', 'pending') as is_open,
        channel,
        order_number,
        opened_at,
        {{ business_date('opened_at') }} as opened_date,
        closed_at,
        coalesce(priority, 'normal') as priority,
        category,
        cause,
        source || ':' || agent_key as agent_id,
        sku,
        carrier,
        batch,
        sla_policy,
        outcome

    from cases

)

select * from final
