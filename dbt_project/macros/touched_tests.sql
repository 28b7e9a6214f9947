{#-
  What a test of rows looks at. Of a published mart it is the batch that is built: the others were tested in their own
  night. Of a model that was made by touched keys tonight it is the rows that were made: the others were looked at in
  the night that made them, or are still touched because that night failed.

  Not so: what only warns, for it counts rows; what compares with another relation, which may have changed; a key that
  rows of two units could share.
-#}
{% macro get_where_subquery(relation) -%}
    {%- if execute and model.attached_node in graph.nodes and not config.get('where') -%}
        {%- set node = graph.nodes[model.attached_node] -%}
        {%- set unit = node.config.unique_key -%}
        {%- if unit == 'batch_id' -%}
            {{ return('(select * from ' ~ relation ~ ' where batch_id = ' ~ var('batch_id', 0) ~ ') as batch') }}
        {%- endif -%}
        {%- set unit = [unit] if unit is string else unit -%}
        {%- if is_test_of_rows(unit or []) and was_made_by_keys_tonight(node) -%}
            {%- for keys in graph.nodes.values() if keys.name == node.config.meta.touched_keys -%}
                {%- set made_tonight -%}
                    (
                        select * from {{ relation }}
                        where ({{ unit | join(', ') }}) in (select {{ unit | join(', ') }} from {{ keys.relation_name }})
                    ) as made_tonight
                {%- endset -%}
                {{ return(made_tonight) }}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
    {{ return(default__get_where_subquery(relation)) }}
{%- endmacro %}

{% macro is_test_of_rows(unit) -%}
    {%- set test = model.test_metadata -%}
    {%- if config.get('severity') | lower == 'warn' -%}
        {{ return(false) }}
    {%- elif test.name == 'key' -%}
        {%- set columns = test.kwargs.columns or test.kwargs.arguments.columns -%}
        {{ return(unit | reject('in', columns) | list == []) }}
    {%- endif -%}
    {{ return(test.name in ['never_null', 'holds', 'accepted_values']) }}
{%- endmacro %}

{% macro was_made_by_keys_tonight(node) -%}
    {%- if var('touched_batch', none) is none or node.config.get('incremental_strategy') != 'touched_keys'
        or node.config.materialized != 'incremental' -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set found = run_query(
        "select 1 from ops.model_builds as builds where builds.model = '" ~ node.name ~ "'"
        ~ " and builds.batch = " ~ var('touched_batch')
        ~ " and not exists (select 1 from ops.touched_keys as touched where touched.key_column is null"
        ~ " and touched.batch is not null and touched.relation = '" ~ node.schema ~ "." ~ node.alias ~ "')"
    ) -%}
    {{ return(found.rows | length > 0) }}
{%- endmacro %}
