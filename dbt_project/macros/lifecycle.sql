{#- Why a customer came to a stage, with the numbers of the rule that said so. -#}
{% macro lifecycle_reason() -%}
    case
        when changed.lifecycle_stage = 'potential' then 'known, and without a purchase'
        when changed.lifecycle_stage = 'new' then 'first purchase'
        when changed.lifecycle_stage = 'loyal'
            then cast(rules.loyal_orders as text) || ' orders within ' || cast(rules.loyal_window_days as text) || ' days'
        when changed.lifecycle_stage = 'dormant' then 'no purchase for {{ var("active_customer_days") }} days'
        when changed.lifecycle_stage = 'lost' then 'no purchase for {{ var("lost_customer_months") }} months'
        when changed.lifecycle_stage = 'won_back'
            then 'purchase after more than {{ var("lost_customer_months") }} months without one'
        when changed.previous_stage = 'new' then '{{ var("new_customer_days") }} days since the first purchase'
        when changed.previous_stage = 'loyal'
            then
                'fewer than '
                || cast(rules.loyal_orders as text) || ' orders within ' || cast(rules.loyal_window_days as text) || ' days'
        when changed.previous_stage = 'won_back'
            then cast(rules.won_back_days as text) || ' days since the customer came back'
        else 'purchase after a pause'
    end
{%- endmacro %}
