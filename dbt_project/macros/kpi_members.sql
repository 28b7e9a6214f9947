{#-
  The members of customers that the rows of `facts` were in on a business day: the level and segment of the evening before,
  so that a purchase counts for what its customer was when it came, not for what the purchase made of it. The value tier
  and the region are those of the night.
-#}
{% macro kpi_member_columns(facts, date_column) -%}
        coalesce(customers.region, 'unknown') as region,
        coalesce(tiers.value_tier, 'unknown') as value_tier,
        case when {{ facts }}.customer_id is null then 'unknown' else levels.level end as membership_level,
        case
            when segments.rfm_segment is not null then segments.rfm_segment
            when {{ facts }}.customer_id is not null and {{ date_column }} > history.history_start then 'Prospect'
            else 'unknown'
        end as rfm_segment
{%- endmacro %}

{#- The joins that those columns need. -#}
{% macro kpi_member_joins(facts, date_column) -%}
    left join {{ ref('dim_customers') }} as customers on {{ facts }}.customer_id = customers.customer_id

    left join {{ ref('int_customer_tiers') }} as tiers on {{ facts }}.customer_id = tiers.customer_id

    left join {{ ref('int_membership_changes') }} as memberships
        on
            {{ facts }}.customer_id = memberships.customer_id
            and memberships.valid_from < {{ date_column }}
            and (memberships.valid_to is null or {{ date_column }} <= {{ days_after('memberships.valid_to', 1) }})

    left join {{ ref('membership_levels') }} as levels on levels.place = coalesce(memberships.place, 1)

    left join {{ ref('int_rfm_changes') }} as segments
        on
            {{ facts }}.customer_id = segments.customer_id
            and segments.valid_from < {{ date_column }}
            and (segments.valid_to is null or {{ date_column }} <= {{ days_after('segments.valid_to', 1) }})

    cross join (select min(valid_from) as history_start from {{ ref('int_rfm_cut_points') }}) as history
{%- endmacro %}
