{#- The first birthday after a day. Who was born on 29 February has it on the 28th of the other years. -#}
{% macro birthday_after(birth_date, day) -%}
    {%- set years = number_of('year', day) ~ ' - ' ~ number_of('year', birth_date) -%}
    {%- set this_year = "cast(" ~ dbt.dateadd("year", "(" ~ years ~ ")", birth_date) ~ " as date)" -%}
    {%- set next_year = "cast(" ~ dbt.dateadd("year", "(" ~ years ~ " + 1)", birth_date) ~ " as date)" -%}
    case when {{ this_year }} > {{ day }} then {{ this_year }} else {{ next_year }} end
{%- endmacro %}

{#- What int_customer_needs adds to customer_360, in the order of its columns there. -#}
{% macro needs_columns(relation) -%}
    {%- set names = [
        "preferred_channel", "preferred_hour", "favourite_store_id", "favourite_store_name", "favourite_category",
        "favourite_brand", "discounted_order_share", "discount_rate", "known_margin", "known_margin_rate",
        "margin_coverage", "points_balance", "points_expiring", "points_expiry_date", "open_coupon_count",
        "next_coupon_expires_at", "abandoned_cart_at", "abandoned_cart_amount", "replenishment_due_date",
        "replenishment_sku", "sample_sku", "full_size_sku", "sampled_date", "new_product_category",
        "new_product_count", "membership_progress", "days_to_membership_review", "has_birthday_soon",
        "festival_due", "festival_date",
    ] -%}
    {%- for name in names %}
    {{ relation }}.{{ name }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}
