{#-
  Sums over rows that are made by touched keys, kept up by what changed alone: the last sums, less the rows that are gone,
  plus those that came.

  The model of the rows says `meta.keeps_changes`, the columns that are added up, and leaves both in a table beside it, whole
  units at a time. The model of the sums is `materialized='incremental', incremental_strategy='added_up'` with
  `meta.sums_of`, that model's name: it reads `rows_or_changes`, adds up with `weight`, and takes the last sums from
  `last_sums`. Changes are forgotten in the transaction that added them up, so a build that failed in between loses none
  and counts none twice.
-#}

{#-
  The rows of a model that keeps its changes, each with its `weight`, 1; or, when sums of it are kept up, what changed
  since: -1 for a row that is gone. Rows of one `version` were there together.
-#}
{% macro rows_or_changes(name) -%}
    {%- if this and is_incremental() -%}
        select * from {{ changes_of(ref(name)) }}
    {%- else -%}
        select
            *,
            1 as weight,
            1 as version
        from {{ ref(name) }}
    {%- endif -%}
{%- endmacro %}

{% macro changes_of(relation) -%}
    {{ relation.schema }}.{{ relation.identifier }}_changes
{%- endmacro %}

{#- The sums as they were of the keys in `changes`, to be added to those; nothing where all is added up anew. -#}
{% macro last_sums(changes, key, columns) -%}
    {%- if this and is_incremental() %}
    union all
    select {{ (key + columns) | join(', ') }}
    from {{ this }}
    where ({{ key | join(', ') }}) in (select {{ key | join(', ') }} from {{ changes }})
    {%- endif -%}
{%- endmacro %}

{#- In the strategy of the rows: what stood for the touched units, and what stands for them now. -#}
{% macro keep_changes(arg_dict, is_gone) -%}
    {%- set columns = config.get('meta').keeps_changes | join(', ') -%}
    insert into {{ changes_of(this) }} ({{ columns }}, weight, version)
    select {{ columns }}, -1, -{{ var('touched_batch') }} from {{ arg_dict.target_relation }} where {{ is_gone }}
    union all
    select {{ columns }}, 1, {{ var('touched_batch') }} from {{ arg_dict.temp_relation }};
{%- endmacro %}

{#-
  After a build: of rows that were made in full no change is known, and whoever adds them up does so anew; changes that
  were added up are done with.
-#}
{% macro settle_changes() -%}
    {%- set columns = config.get('meta').get('keeps_changes') -%}
    {%- if columns and is_incremental() -%}
        analyze {{ changes_of(this) }};
    {%- elif columns -%}
        drop table if exists {{ changes_of(this) }};
        create table {{ changes_of(this) }} as
        select {{ columns | join(', ') }}, 1 as weight, cast(1 as bigint) as version from {{ this }} where false;
    {%- elif config.get('meta').get('sums_of') -%}
        truncate table {{ this.schema }}.{{ config.get('meta').sums_of }}_changes;
    {%- endif -%}
{%- endmacro %}

{#- The strategy of the sums: a row of which nothing is left, goes. -#}
{% macro get_incremental_added_up_sql(arg_dict) -%}
    {%- set key = arg_dict.unique_key | join(', ') -%}
    {%- set columns = arg_dict.dest_columns | map(attribute='quoted') | join(', ') -%}
    {%- set sums = arg_dict.dest_columns | map(attribute='name') | reject('in', arg_dict.unique_key) -%}
    update ops.model_builds set batch = {{ var('touched_batch') }} where model = '{{ model.name }}';

    delete from {{ arg_dict.target_relation }} where ({{ key }}) in (select {{ key }} from {{ arg_dict.temp_relation }});

    insert into {{ arg_dict.target_relation }} ({{ columns }})
    select {{ columns }} from {{ arg_dict.temp_relation }} where not ({{ sums | join(' = 0 and ') }} = 0)
{%- endmacro %}
