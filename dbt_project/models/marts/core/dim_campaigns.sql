with

campaigns as (

    select * from {{ ref('stg_campaigns') }}

),

contacts as (

    select * from {{ ref('stg_campaign_contacts') }}

),

costs as (

    select * from {{ ref('stg_marketing_costs') }}

),

source_trust as (

    select * from {{ ref('stg_source_trust') }}

),

exchange_rates as (

    select * from {{ ref('int_exchange_rates') }}

),

campaign_ids as (

    select
        campaign_id,
        source
    from campaigns
    union distinct
    select
        campaign_id,
        source
    from contacts
    union distinct
    select
        campaign_id,
        source
    from costs
    where campaign_id is not null

),

joined as (

    select
        campaign_ids.campaign_id,
        campaign_ids.source,
        coalesce(campaigns.campaign_name, campaigns.campaign_key, campaign_ids.campaign_id) as campaign_name,
        campaigns.kind,
        campaigns.channel,
        campaigns.segment,
        campaigns.starts_at,
        campaigns.ends_at,
        {{ business_date('campaigns.starts_at') }} as start_date,
        {{ business_date('campaigns.ends_at') }} as end_date,
        campaigns.budget as original_budget,
        campaigns.holdout_share,
        campaigns.campaign_id is not null as is_listed,
        coalesce(campaigns.currency, source_trust.currency, '{{ var("base_currency") }}') as currency

    from campaign_ids

    left join campaigns on campaign_ids.campaign_id = campaigns.campaign_id

    left join source_trust on campaign_ids.source = source_trust.source

),

final as (

    select
        joined.*,
        joined.original_budget * exchange_rates.rate as budget

    from joined

    left join exchange_rates
        on
            joined.currency = exchange_rates.currency
            and coalesce(joined.start_date, joined.end_date) >= exchange_rates.valid_from
            and (
                exchange_rates.valid_before is null
                or coalesce(joined.start_date, joined.end_date) < exchange_rates.valid_before
            )

)

select * from final
