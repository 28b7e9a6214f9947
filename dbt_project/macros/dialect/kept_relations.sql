{#-
  Seeds and views that are left as they are. A view over tables that Python makes, and the rows of a file, are the same
  night after night; dbt would make them anew each time, a seventh of a small night.

  One is left only when it is made of the same (the file or compiled SQL, its YAML, the macros and settings) and is still
  in the database what was made of it: `ops.kept_relations` has both. When nobody says what the macros and settings are
  (no `program`), nothing is left. The tests of a seed run as ever.
-#}

{% materialization view, adapter='postgres' %}
    {{ return(kept_or_made('view', dbt.materialization_view_default)) }}
{% endmaterialization %}

{% materialization seed, adapter='postgres' %}
    {{ return(kept_or_made('table', dbt.materialization_seed_default)) }}
{% endmaterialization %}

{% macro kept_or_made(type, make) -%}
    {%- if is_kept(type) -%}
        {%- call noop_statement('main', 'KEPT', 'KEPT') -%}{%- endcall -%}
        {#- Of a seed dbt asks for the rows that it read from the file. -#}
        {%- do store_result('agate_table', response='OK') -%}
        {{ return({'relations': [this.incorporate(type=type)]}) }}
    {%- endif -%}
    {%- set made = make() -%}
    {%- if made_from() -%}
        {%- call statement('note_kept_relation') -%}
            insert into ops.kept_relations (relation, made_from, state)
            select '{{ this.schema }}.{{ this.identifier }}', '{{ made_from() }}', ({{ state_of(type) }})
            on conflict (relation) do update set made_from = excluded.made_from, state = excluded.state
        {%- endcall -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
    {{ return(made) }}
{%- endmacro %}

{% macro is_kept(type) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if not made_from() or should_full_refresh() or existing is none or existing.type != type -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set found = run_query(
        "select 1 from ops.kept_relations where relation = '" ~ this.schema ~ "." ~ this.identifier ~ "'"
        ~ " and made_from = '" ~ made_from() ~ "' and state = (" ~ state_of(type) ~ ")"
    ) -%}
    {{ return(found.rows | length > 0) }}
{%- endmacro %}

{#- Changes whenever another view or other rows would be made; none when that cannot be told, as of a large file. -#}
{% macro made_from() -%}
    {%- if var('program', none) is none or model.checksum.name == 'path' -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set parts = [var('program'), model.checksum.checksum, sql or '', model.description] -%}
    {%- set parts = parts + [tojson(model.columns), tojson(model.config)] -%}
    {{ return(local_md5(parts | join(' '))) }}
{%- endmacro %}
