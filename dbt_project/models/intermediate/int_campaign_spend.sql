with

spend as (

    select * from {{ ref('fct_marketing_spend') }}

    where campaign_id is not null

),

sums as (

    select * from {{ ref('int_campaign_sums') }}

),

of_campaigns as (

    select
        campaign_id,
        sum(amount) as spend,
        sum(impressions) as impressions,
        sum(clicks) as ad_clicks

    from spend

    group by campaign_id

),

-- Nobody knows what a segment cost; its share is that of the messages.
of_segments as (

    select
        segments.campaign_id,
        segments.scope_value,
        of_campaigns.spend * segments.sent / nullif(campaigns.sent, 0) as spend

    from sums as segments

    inner join sums as campaigns
        on
            segments.campaign_id = campaigns.campaign_id
            and campaigns.scope = 'campaign'

    inner join of_campaigns on segments.campaign_id = of_campaigns.campaign_id

    where segments.scope = 'segment'

),

final as (

    select
        campaign_id,
        'campaign' as scope,
        'all' as scope_value,
        spend,
        impressions,
        ad_clicks
    from of_campaigns
    union all
    select
        campaign_id,
        'channel' as scope,
        channel as scope_value,
        sum(amount) as spend,
        sum(impressions) as impressions,
        sum(clicks) as ad_clicks
    from spend
    group by campaign_id, channel
    union all
    select
        campaign_id,
        'segment' as scope,
        scope_value,
        round(spend, 2) as spend,
        null as impressions,
        null as ad_clicks
    from of_segments

)

select * from final
