with

costs as (

    select * from {{ ref('stg_marketing_costs') }}

),

campaigns as (

    select * from {{ ref('stg_campaigns') }}

),

source_trust as (

    select * from {{ ref('stg_source_trust') }}

),

exchange_rates as (

    select * from {{ ref('int_exchange_rates') }}

),

joined as (

    select
        costs.*,
        coalesce(costs.channel, campaigns.channel, 'unknown') as known_channel,
        coalesce(costs.currency, source_trust.currency, '{{ var("base_currency") }}') as cost_currency

    from costs

    left join campaigns on costs.campaign_id = campaigns.campaign_id

    left join source_trust on costs.source = source_trust.source

),

final as (

    select
        joined.marketing_cost_id,
        joined.source,
        joined.campaign_id,
        joined.known_channel as channel,
        joined.spent_at,
        joined.spend_date,
        joined.cost_currency as currency,
        exchange_rates.rate as exchange_rate,
        joined.amount as original_amount,
        joined.impressions,
        joined.clicks,
        coalesce(joined.amount * exchange_rates.rate, 0) as amount

    from joined

    left join exchange_rates
        on
            joined.cost_currency = exchange_rates.currency
            and joined.spend_date >= exchange_rates.valid_from
            and (exchange_rates.valid_before is null or joined.spend_date < exchange_rates.valid_before)

)

select * from final
