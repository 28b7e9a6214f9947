{#-
  The events of one type for `fct_customer_events`: one row per row of `relation`, of those for which `occurred_at` is
  known. `description` may hold codes and numbers only: it is read by people who may not know whose event it is.
-#}
{% macro events_of(
    relation, event_type, occurred_at, object_id, description, amount="cast(null as numeric)", source="source"
) -%}
    select
        customer_id,
        {{ occurred_at }} as occurred_at,
        '{{ event_type }}' as event_type,
        {{ object_id }} as object_id,
        {{ source }} as source,
        {{ amount }} as amount,
        {{ description }} as description
    from {{ relation }}
    where {{ occurred_at }} is not null
{%- endmacro %}
