{#- Orders and net revenue of each channel and of both together in the last 30, 90 and 365 days, the night included. -#}
{% macro window_columns() -%}
    {%- for days in [30, 90, 365] %}
    {%- set first_day = days_before_night(days - 1) %}
    {%- for channel in ['online', 'store'] %}
    count(case when is_order and channel = '{{ channel }}' and happened_on >= {{ first_day }} then 1 end)
        as {{ channel }}_order_count_{{ days }}_days,
    coalesce(sum(case when channel = '{{ channel }}' and happened_on >= {{ first_day }} then amount end), 0)
        as {{ channel }}_net_revenue_{{ days }}_days,
    {%- endfor %}
    count(case when is_order and happened_on >= {{ first_day }} then 1 end) as order_count_{{ days }}_days,
    coalesce(sum(case when happened_on >= {{ first_day }} then amount end), 0) as net_revenue_{{ days }}_days,
    {%- endfor %}
    coalesce(sum(case when channel = 'online' then amount end), 0) as online_net_revenue,
    coalesce(sum(case when channel = 'store' then amount end), 0) as store_net_revenue
{%- endmacro %}

{#- The same columns where a customer may have none of them. -#}
{% macro window_columns_of(relation) -%}
    {%- for days in [30, 90, 365] %}
    {%- for channel in ['online_', 'store_', ''] %}
    coalesce({{ relation }}.{{ channel }}order_count_{{ days }}_days, 0) as {{ channel }}order_count_{{ days }}_days,
    coalesce({{ relation }}.{{ channel }}net_revenue_{{ days }}_days, 0) as {{ channel }}net_revenue_{{ days }}_days,
    {%- endfor %}
    {%- endfor %}
    coalesce({{ relation }}.online_net_revenue, 0) as online_net_revenue,
    coalesce({{ relation }}.store_net_revenue, 0) as store_net_revenue
{%- endmacro %}

{#- A row for each of so many years after a level was reached: how many days they are. -#}
{% macro validity_rows() -%}
    {%- for year in range(1, (var('membership_years') | int) + 1) %}
    select {{ year * (var('membership_valid_days') | int) }} as day_count
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- What int_customer_standing adds to customer_360, in the order of its columns there. -#}
{% macro standing_columns(relation) -%}
    {%- set windows = [] -%}
    {%- for days in [30, 90, 365] -%}
        {%- for channel in ['online_', 'store_', ''] -%}
            {%- do windows.append(channel ~ "order_count_" ~ days ~ "_days") -%}
            {%- do windows.append(channel ~ "net_revenue_" ~ days ~ "_days") -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set names = [
        "lifecycle_stage", "lifecycle_since", "value_tier", "yearly_potential", "membership_level", "membership_since",
        "membership_review_date", "next_membership_level", "membership_amount", "amount_to_next_level",
        "amount_to_keep_level", "r_score", "f_score", "m_score", "fm_score", "rfm_segment", "purchase_interval_days",
        "expected_next_purchase_date",
    ] + windows + ["online_net_revenue", "store_net_revenue", "is_strategic", "has_special_need"] -%}
    {%- for name in names %}
    {{ relation }}.{{ name }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}
