{#- When what a row of consents says was said, if known: what counts as said now, at the end of the night. -#}
{% macro said_at(relation) -%}
    case when {{ relation }}.counts_as_now then {{ as_of() }} else {{ relation }}.consent_at end
{%- endmacro %}
