{%- set scopes = {'campaign': "'all'", 'segment': 'segment', 'channel': 'channel'} -%}
with

contacts as (

    select
        *,
        coalesce(customer_id, source || ':' || customer_key, campaign_contact_id) as person_id

    from {{ ref('fct_campaign_contacts') }}

),

purchases as (

    select * from {{ ref('int_campaign_purchases') }}

),

scoped as (

    {% for scope, value in scopes.items() -%}
        select
            *,
            '{{ scope }}' as scope,
            {{ value }} as scope_value
        from contacts
        {% if not loop.last -%}union all
        {% endif -%}
    {% endfor %}
),

people as (

    select
        scope,
        scope_value,
        campaign_id,
        person_id,
        count(case when not is_holdout then 1 end) as messages,
        count(sent_at) as sent,
        count(case when is_reached then 1 end) as delivered,
        count(opened_at) as opened,
        count(clicked_at) as clicked,
        count(unsubscribed_at) as unsubscribed,
        count(bounced_at) as bounced,
        count(case when is_holdout then 1 end) as holdouts,
        max(due_at) as last_due_at

    from scoped

    group by scope, scope_value, campaign_id, person_id

),

final as (

    select
        people.*,
        coalesce(purchases.orders, 0) as orders,
        coalesce(purchases.revenue, 0) as revenue

    from people

    left join purchases
        on
            people.scope = purchases.scope
            and people.scope_value = purchases.scope_value
            and people.campaign_id = purchases.campaign_id
            and people.person_id = purchases.person_id

)

select * from final
