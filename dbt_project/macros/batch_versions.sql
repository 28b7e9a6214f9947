{#-
  Published marts of which few rows change in a night. A batch is not a copy of all rows: a row holds from `batch_id` until
  the batch `until_batch` (null: until further notice), and a reader of a batch sees the rows that hold in it.

  Such a mart has `incremental_strategy: batch_versions`, `unique_key`, the columns that name a row within a batch, and in
  its `meta` `touched_unit` and `touched_keys`: which units are looked at again tonight. Wherever it reads rows, it asks
  `is_touched`. When that is not enough (see touched_keys.sql), all units are looked at. Either way only the rows that are
  others than the last batch's get a version, and nothing that a batch has shown is taken away.
-#}

{% macro is_kept_as_versions(configured) -%}
    {{ return(configured.get('incremental_strategy') == 'batch_versions') }}
{%- endmacro %}

{#- A condition: the row holds in the batch that is built. -#}
{% macro holds_tonight() -%}
    batch_id <= {{ var('batch_id', 0) }} and (until_batch is null or until_batch > {{ var('batch_id', 0) }})
{%- endmacro %}

{#- The strategy. Rows that a failed attempt at this very batch has written were never seen, so they go. -#}
{% macro get_incremental_batch_versions_sql(arg_dict) -%}
    {%- set batch = var('batch_id') -%}
    {%- set key = arg_dict.unique_key -%}
    {%- set batches = ['batch_id', 'until_batch'] -%}
    {%- set columns = arg_dict.dest_columns | map(attribute='name') | reject('in', batches) | list -%}
    {%- set same_key -%}
        {%- for column in key %}{{ 'and ' if not loop.first }}stored.{{ column }} = made.{{ column }} {% endfor -%}
    {%- endset -%}
    {%- set is_other -%}
        until_batch is null
        {%- if not must_be_made_in_full() %}
        and {{ config.get('meta').touched_unit }} in (
            select {{ config.get('meta').touched_unit }} from {{ ref(config.get('meta').touched_keys) }}
        )
        {%- endif %}
        and not exists (
            select 1 from {{ arg_dict.temp_relation }} as made
            where
                {{ same_key }}
                {%- for column in columns if column not in key %}
                and stored.{{ column }} is not distinct from made.{{ column }}
                {%- endfor %}
        )
    {%- endset -%}
    delete from {{ arg_dict.target_relation }} as stored where batch_id >= {{ batch }} and {{ is_other }};

    update {{ arg_dict.target_relation }} as stored set until_batch = {{ batch }} where {{ is_other }};

    insert into {{ arg_dict.target_relation }} (batch_id, {{ columns | join(', ') }})
    select {{ batch }}, {{ columns | join(', ') }}
    from {{ arg_dict.temp_relation }} as made
    where not exists (
        select 1 from {{ arg_dict.target_relation }} as stored
        where until_batch is null and {{ same_key }}
    )
    {{ in_order_of_unit() }}
{%- endmacro %}
