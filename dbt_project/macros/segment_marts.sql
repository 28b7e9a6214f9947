{#-
  What activation says of the segments tonight, in the var `segments`: name, labels, purpose, whether it keeps its members
  out of promotion, what it looks at and expects, and whether it was built (a segment that is held keeps its members).
-#}
{% macro segment_names(key=none, value=none) -%}
    {%- set names = ["'-'"] -%}
    {%- for segment in var('segments', []) if key is none or segment[key] == value -%}
        {%- do names.append("'" ~ segment.name ~ "'") -%}
    {%- endfor -%}
    {{ names | join(', ') }}
{%- endmacro %}

{#- What one memory of segments is called; nobody is a member before segments are built. -#}
{% macro members_tonight() -%}
    {%- set members = ref('members_of_segments') -%}
    {%- if var('segments', []) -%}
        select
            segment,
            customer_id
        from {{ members }}
    {%- else -%}
        select
            'none' as segment,
            customer_id
        from {{ ref('customer_360') }}
        where batch_id is null
    {%- endif -%}
{%- endmacro %}

{#- The rows of a mart of segments in the batch of the night before that has any; nothing when there is none. -#}
{% macro segments_before(otherwise) -%}
    {%- if is_incremental() and var('segments_before', none) is not none -%}
        select *
        from {{ this }}
        where batch_id = {{ var('segments_before') }}
    {%- else -%}
        {{ otherwise }}
    {%- endif -%}
{%- endmacro %}

{#-
  Of a customer who entered or left a segment, the condition that flipped: of the first that applies its name (`told` is
  'name') or its value `earlier` or `now`. A rule that was changed itself has none, nor has the first night.
-#}
{% macro flipped(told) -%}
    {%- set customer_id = {'name': "'customer_id'", 'earlier': 'moved.customer_id', 'now': 'now.customer_id'} -%}
    {%- set kept_out = {
        'name': "'kept_out_of_promotion'", 'earlier': 'cast(moved.was_kept_out as text)',
        'now': 'cast(moved.is_kept_out as text)',
    } -%}
    case
        when {{ var('segments_before', none) is none }} then null
        when now.customer_id is null then {{ customer_id[told] }}
        when moved.segment in ({{ segment_names('purpose', 'marketing') }}) and moved.was_kept_out <> moved.is_kept_out
            then {{ kept_out[told] }}
        {%- for segment in var('segments', []) %}
        {%- for condition in segment.conditions %}
        when
            moved.segment = '{{ segment.name }}'
            and now.{{ condition }} is distinct from earlier.{{ condition }}
            then {{ "'" ~ condition ~ "'" if told == 'name' else 'cast(' ~ told ~ '.' ~ condition ~ ' as text)' }}
        {%- endfor %}
        {%- endfor %}
    end
{%- endmacro %}

{#- A number of its own for each segment, a power of two, so that the sum says who is in which; 62 segments at most. -#}
{% macro segment_bit() -%}
    case segment
        when '-' then 0
        {%- for segment in var('segments', []) %}
        when '{{ segment.name }}' then cast({{ 2 ** loop.index0 }} as bigint)
        {%- endfor %}
    end
{%- endmacro %}

{#- What activation declares of each segment tonight, one row each. -#}
{% macro declared_segments() -%}
    {%- for segment in var('segments', []) %}
    select
        '{{ segment.name }}' as segment,
        {%- for language in ['en', 'zh_hant', 'zh_hans'] %}
        '{{ segment.label[language] | replace("'", "''") }}' as label_{{ language }},
        {%- endfor %}
        '{{ segment.purpose }}' as purpose,
        cast({{ segment.expected_share[0] }} as numeric) as least_share,
        cast({{ segment.expected_share[1] }} as numeric) as most_share,
        {{ not segment.built }} as is_held
    {% if not loop.last %}union all{% endif %}
    {%- else %}
    select
        'none' as segment,
        'none' as label_en,
        'none' as label_zh_hant,
        'none' as label_zh_hans,
        'none' as purpose,
        cast(0 as numeric) as least_share,
        cast(0 as numeric) as most_share,
        false as is_held
    from {{ ref('customer_360') }}
    where batch_id is null
    {%- endfor %}
{%- endmacro %}

{#- Memberships tonight: those that go on or end, those that begin, and what ended within segment_history_days. -#}
{% macro told_memberships() -%}
    select
        differences.segment,
        differences.customer_id,
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        coalesce(differences.entered_on, {{ night() }}) as entered_on,
        case when differences.was_member then differences.entered_condition else told.flipped_condition end
            as entered_condition,
        case when differences.was_member then differences.entered_from else told.value_before end as entered_from,
        case when differences.was_member then differences.entered_to else told.value_now end as entered_to,
        case when not differences.is_member then {{ night() }} end as left_on,
        case when not differences.is_member then told.flipped_condition end as left_condition,
        case when not differences.is_member then told.value_before end as left_from,
        case when not differences.is_member then told.value_now end as left_to,
        differences.is_member,
        {{ as_of() }} as data_as_of

    from differences

    left join told
        on
            differences.segment = told.segment
            and differences.customer_id = told.customer_id

    union all

    select
        segment,
        customer_id,
        cast({{ var('batch_id', 0) }} as bigint) as batch_id,
        entered_on,
        entered_condition,
        entered_from,
        entered_to,
        left_on,
        left_condition,
        left_from,
        left_to,
        false as is_member,
        {{ as_of() }} as data_as_of

    from previous

    where left_on > {{ days_before_night(var('segment_history_days')) }}
{%- endmacro %}
