with

campaigns as (

    select * from {{ source('standardised', 'campaigns') }}

),

final as (

    select
        source,
        source_key as campaign_key,
        campaign_name,
        kind,
        channel,
        segment,
        starts_at,
        ends_at,
        currency,
        budget,
        holdout_share,
        source || ':' || source_key as campaign_id

    from campaigns

)

select * from final
