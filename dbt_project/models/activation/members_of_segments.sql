{%- set names = [
    'abandoned_cart', 'active', 'at_risk', 'birthday_week', 'brand_ambassadors', 'cannot_lose', 'champions',
    'detractors', 'dormant', 'festival', 'lost', 'loyal', 'new_customers', 'new_product_fans', 'open_complaint',
    'points_expiring', 'potential', 'promoters', 'replenishment_due', 'sample_to_full_size', 'second_purchase',
    'tier_near_loss', 'tier_near_upgrade', 'vip', 'welcome'
] -%}
{%- for name in names -%}
    {%- do ref('segment_' ~ name) -%}
{%- endfor -%}
with

members as (

    {% for segment in var('segments', []) if segment.built -%}
        select
            customer_id,
            '{{ segment.name }}' as segment
        from {{ ref('segment_' ~ segment.name) }}
        union all
    {% endfor -%}
    select
        customer_id,
        'none' as segment
    from {{ ref('segment_open_complaint') }}
    where false

),

final as (

    select
        segment,
        customer_id

    from members

)

select * from final
