with

people as (

    select * from {{ ref('int_campaign_people') }}

),

final as (

    select
        campaign_id,
        scope,
        scope_value,
        count(*) as people,
        count(case when messages > 0 then 1 end) as written_people,
        count(case when delivered > 0 then 1 end) as reached_people,
        count(case when opened > 0 then 1 end) as opening_people,
        count(case when clicked > 0 then 1 end) as participants,
        count(case when unsubscribed > 0 then 1 end) as unsubscribed_people,
        count(case when messages > 0 and orders > 0 then 1 end) as conversions,
        cast(sum(case when messages > 0 then orders else 0 end) as bigint) as orders,
        sum(case when messages > 0 then revenue else 0 end) as revenue,
        max(last_due_at) as last_due_at,
        {% for count in ['sent', 'delivered', 'opened', 'clicked', 'unsubscribed', 'bounced'] -%}
            cast(sum({{ count }}) as bigint) as {{ count }}{% if not loop.last %},
            {% endif %}
        {%- endfor %}

    from people

    group by campaign_id, scope, scope_value

)

select * from final
