-- Each type of event has as many rows as its fact, and their money; of all customers or of those touched tonight.
-- depends_on: {{ ref('int_customer_orders') }}
{%- set looked_at = is_looked_at('int_customer_orders') -%}
{%- set facts = [
    ('order', 'fct_orders', 'ordered_at', 'net_amount'), ('payment', 'fct_payments', 'paid_at', 'net_amount'),
    ('return', 'fct_returns', 'returned_at', '-amount'), ('cart', 'fct_carts', 'started_at', 'amount'),
    ('points', 'fct_points', 'moved_at', '0'), ('review', 'fct_reviews', 'reviewed_at', '0'),
    ('coupon_given', 'fct_coupons', 'issued_at', '0'),
    ('coupon_redeemed', 'fct_coupons', 'redeemed_at', '-discount_amount'),
    ('case_opened', 'fct_service_cases', 'opened_at', '0'), ('case_resolved', 'fct_service_cases', 'resolved_at', '0'),
    ('survey_sent', 'fct_surveys', 'sent_at', '0'), ('survey_answered', 'fct_surveys', 'answered_at', '0'),
    ('visit', 'fct_web_sessions', 'started_at', '0'),
    ('message', 'fct_campaign_contacts', 'sent_at', '0'),
    ('lead', 'fct_leads', 'created_at', '0'), ('warranty', 'fct_warranties', 'registered_at', '0'),
    ('lifecycle', 'int_lifecycle_changes', 'valid_from', '0'),
    ('membership', 'int_membership_changes', 'valid_from', '0'),
] %}

with

events as (

    select
        event_type,
        count(*) as event_count,
        count(customer_id) as customer_count,
        coalesce(sum(amount), 0) as amount

    from {{ ref('fct_customer_events') }}

    where {{ looked_at }}

    group by event_type

),

facts as (

    {% for event_type, fact, occurred_at, amount in facts -%}
        select
            '{{ event_type }}' as event_type,
            count({{ occurred_at }}) as event_count,
            count(case when {{ occurred_at }} is not null then customer_id end) as customer_count,
            coalesce(sum(case when {{ occurred_at }} is not null then {{ amount }} end), 0) as amount
        from {{ ref(fact) }}
        where {{ looked_at }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

final as (

    select
        facts.event_type as of_fact,
        events.event_type as of_timeline,
        facts.event_count,
        facts.amount

    from facts

    full outer join events on facts.event_type = events.event_type

    where
        coalesce(events.event_count, 0) <> coalesce(facts.event_count, 0)
        or coalesce(events.customer_count, 0) <> coalesce(facts.customer_count, 0)
        or coalesce(events.amount, 0) <> coalesce(facts.amount, 0)

)

select * from final
