{%- set scopes = {'campaign': "'all'", 'segment': 'segment', 'channel': 'channel'} -%}
with

contacts as (

    select
        *,
        coalesce(customer_id, source || ':' || customer_key, campaign_contact_id) as person_id

    from {{ ref('fct_campaign_contacts') }}

    where converted_at is not null

),

campaign_orders as (

    select * from {{ ref('int_campaign_orders') }}

    where is_conversion

),

orders as (

    select
        order_id,
        net_amount

    from {{ ref('fct_orders') }}

    where is_revenue

),

conversions as (

    select
        contacts.campaign_id,
        contacts.segment,
        contacts.channel,
        contacts.person_id,
        orders.order_id,
        orders.net_amount

    from campaign_orders

    inner join contacts on campaign_orders.campaign_contact_id = contacts.campaign_contact_id

    inner join orders on campaign_orders.order_id = orders.order_id

),

-- An order that two messages of a campaign brought is one order of the campaign.
different_orders as (

    {% for scope, value in scopes.items() -%}
        select distinct
            '{{ scope }}' as scope,
            {{ value }} as scope_value,
            campaign_id,
            person_id,
            order_id,
            net_amount
        from conversions
        {% if not loop.last -%}union all
        {% endif -%}
    {% endfor %}
),

final as (

    select
        scope,
        scope_value,
        campaign_id,
        person_id,
        count(*) as orders,
        sum(net_amount) as revenue

    from different_orders

    group by scope, scope_value, campaign_id, person_id

)

select * from final
