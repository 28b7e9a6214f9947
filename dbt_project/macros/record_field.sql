{#- The records that have a value in `field` or had one rejected there, with what was noticed about it. -#}
{% macro record_field(field) -%}
    select
        source,
        customer_key,
        '{{ field }}' as field,
        {{ field }} is not null as is_valid,
        {{ field }}_is_rejected as is_rejected,
        coalesce({{ field }}_flags, '') as flags

    from customers

    where {{ field }} is not null or {{ field }}_is_rejected
{%- endmacro %}
