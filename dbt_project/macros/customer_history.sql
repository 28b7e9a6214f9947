{#- A post-hook: what is recorded of customers who are gone - merged into another, or forgotten - goes with them. -#}
{% macro forget_customers_gone(history) -%}
    delete from {{ history }}
    where not exists (
        select 1 from {{ ref('dim_customers') }} as customers where customers.customer_id = {{ history }}.customer_id
    )
{%- endmacro %}
