with

costs as (

    select * from {{ source('standardised', 'marketing_costs') }}

),

final as (

    select
        source || ':' || source_key as marketing_cost_id,
        source,
        source || ':' || campaign_key as campaign_id,
        channel,
        spent_at,
        {{ business_date('spent_at') }} as spend_date,
        currency,
        amount,
        impressions,
        clicks

    from costs

)

select * from final
