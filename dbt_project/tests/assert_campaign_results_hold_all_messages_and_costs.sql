-- Every message is in each scope once, and every amount that a campaign cost is in the campaign and in its channels.
with

contacts as (

    select
        count(*) as contacts,
        count(sent_at) as sent

    from {{ ref('fct_campaign_contacts') }}

),

spend as (

    select coalesce(sum(amount), 0) as spend

    from {{ ref('fct_marketing_spend') }}

    where campaign_id is not null

),

people as (

    select coalesce(sum(messages + holdouts), 0) as contacts

    from {{ ref('int_campaign_people') }}

    where scope = 'campaign'

),

results as (

    select
        scope,
        sum(sent) as sent,
        sum(spend) as spend

    from {{ ref('campaign_results') }}

    where batch_id = {{ var('batch_id', 0) }}

    group by scope

),

final as (

    select results.scope

    from results

    cross join contacts

    cross join spend

    cross join people

    where
        results.sent <> contacts.sent
        or people.contacts <> contacts.contacts
        or (results.scope <> 'segment' and results.spend <> spend.spend)

)

select * from final
