{#- The customer's records that have a value in `field_group`, with what the strategies of survivorship compare. -#}
{% macro field_candidates(field_group, is_given, is_verified='false', completeness='1') -%}
    select
        customer_id,
        source,
        customer_key,
        '{{ field_group }}' as field_group,
        {{ is_verified }} as is_verified,
        {{ completeness }} as completeness,
        trust,
        age_rank

    from records

    where {{ is_given }}
{%- endmacro %}

{#- What a candidate scores by the strategy of this turn, the higher the sooner believed; 0 for all without one. -#}
{% macro strategy_score(turn) -%}
    cast(
        case survivorship.{{ turn }}_strategy
            when 'verified' then case when candidates.is_verified then 1 else 0 end
            when 'trusted' then candidates.trust
            when 'clean' then coalesce(record_fields.points, 0)
            when 'complete' then candidates.completeness
            when 'recent' then -candidates.age_rank
            else 0
        end as bigint
    )
{%- endmacro %}

{#- How many forms of the name the record has: 1 for the whole alone to 3 with both of its parts. -#}
{% macro completeness_of_name() -%}
    1
    + case when given_name is not null then 1 else 0 end
    + case when family_name is not null then 1 else 0 end
{%- endmacro %}

{#- How deep the address is known: 0 for a mere area without a line, 1 for a line of unknown places, 6 for a house. -#}
{% macro completeness_of_address() -%}
    case
        when postal_address is null then 0
        when postal_address_level = 'house_number' then 6
        when postal_address_level = 'street' then 5
        when postal_address_level = 'district' then 4
        when postal_address_level = 'city' then 3
        when postal_address_level = 'region' then 2
        else 1
    end
{%- endmacro %}
