{#- A view: each fact has an index by customer, so a timeline is read in milliseconds; a night need not make it. -#}
{{ config(materialized='view') }}

{%- set events = [
    events_of(ref('fct_orders'), 'order', 'ordered_at', 'order_id', "channel || ', ' || status", 'net_amount'),
    events_of(
        ref('fct_payments'), 'payment', 'paid_at', 'payment_id', "kind || ', ' || method || ', ' || status",
        'net_amount'
    ),
    events_of(
        ref('fct_returns'), 'return', 'returned_at', 'return_id', "coalesce(reason, 'no reason given')", '-amount'
    ),
    events_of(
        ref('fct_carts'), 'cart', 'started_at', 'cart_id', "status || ', items: ' || coalesce(item_count, 0)",
        'amount'
    ),
    events_of(ref('fct_points'), 'points', 'moved_at', 'movement_id', "kind || ' ' || " ~ count_text('points')),
    events_of(ref('fct_coupons'), 'coupon_given', 'issued_at', 'coupon_id', "coalesce(campaign, 'no campaign')"),
    events_of(
        ref('fct_coupons'), 'coupon_redeemed', 'redeemed_at', 'coupon_id', "coalesce(campaign, 'no campaign')",
        '-discount_amount'
    ),
    events_of(
        ref('fct_service_cases'), 'case_opened', 'opened_at', 'case_id',
        "kind || ', ' || coalesce(category, 'unfiled')"
    ),
    events_of(
        ref('fct_service_cases'), 'case_resolved', 'resolved_at', 'case_id',
        "kind || ', ' || coalesce(category, 'unfiled')"
    ),
    events_of(ref('fct_surveys'), 'survey_sent', 'sent_at', 'survey_id', "kind"),
    events_of(
        ref('fct_surveys'), 'survey_answered', 'answered_at', 'survey_id',
        "kind || coalesce(' ' || " ~ count_text('score') ~ ", '')"
    ),
    events_of(
        ref('fct_reviews'), 'review', 'reviewed_at', 'review_id',
        "coalesce(sku, 'shop') || ' ' || " ~ count_text('rating')
    ),
    events_of(
        ref('fct_web_sessions'), 'visit', 'started_at', 'session_id',
        "device || ', pages: ' || page_count || ', into the cart: ' || cart_add_count"
    ),
    events_of(
        ref('fct_campaign_contacts'), 'message', 'sent_at', 'campaign_contact_id', "channel || ', ' || campaign_id"
    ),
    events_of(ref('fct_leads'), 'lead', 'created_at', 'lead_id', "coalesce(channel, 'unknown') || ', ' || lead_stage"),
    events_of(ref('fct_warranties'), 'warranty', 'registered_at', 'warranty_id', "coalesce(sku, 'unknown product')"),
    events_of(
        ref('int_lifecycle_changes'), 'lifecycle', moment_of('valid_from', "cast('00:00' as time)"), 'customer_id',
        "coalesce(previous_stage || ' to ', '') || lifecycle_stage", source="'customer_warehouse'"
    ),
    events_of(
        'membership_changes', 'membership', moment_of('valid_from', "cast('00:00' as time)"), 'customer_id',
        "description", source="'customer_warehouse'"
    ),
] -%}

with

membership_changes as (

    select
        changes.customer_id,
        changes.valid_from,
        changes.level_change || ' to ' || levels.level as description

    from {{ ref('int_membership_changes') }} as changes

    inner join {{ ref('membership_levels') }} as levels on changes.place = levels.place

),

events as (

    {{ events | join('\n    union all\n    ') }}

),

final as (

    select * from events

)

select * from final
