{#-
  What a test of rows looks at. Of a published mart it is the batch that is built: the others were tested in their own
  night, and of one that is kept as versions, so were the rows that readers already see. Of a model that was made by
  touched keys tonight it is the rows that were made: the others were looked at in the night that made them, or are still
  touched because that night failed. A key that rows of two units could share is looked for among the others, too.

  Not so: what only warns, for it counts rows; what compares with another relation, which may have changed.
-#}
{% macro get_where_subquery(relation) -%}
    {%- if execute and model.attached_node in graph.nodes and not config.get('where') -%}
        {%- set node = graph.nodes[model.attached_node] -%}
        {%- if node.config.unique_key == 'batch_id' -%}
            {{ return('(select * from ' ~ relation ~ ' where batch_id = ' ~ var('batch_id', 0) ~ ') as batch') }}
        {%- endif -%}
        {%- if is_kept_as_versions(node.config) -%}
            {%- set unseen = ' and batch_id > coalesce((select batch_id from ops.published), 0)' -%}
            {{ return(
                '(select * from ' ~ relation ~ ' where ' ~ holds_tonight() ~ (unseen if is_test_of_rows() else '')
                ~ ') as batch'
            ) }}
        {%- endif -%}
        {%- set made = is_made_tonight(node.name) if is_test_of_rows() -%}
        {%- if made -%}
            {%- set columns = columns_of_key() | join(', ') -%}
            {%- set made_tonight -%}
                (
                    select * from {{ relation }} where {{ made }}
                    {% if columns %}
                        union all
                        select * from {{ relation }}
                        where
                            not coalesce({{ made }}, false)
                            and ({{ columns }}) in (select {{ columns }} from {{ relation }} where {{ made }})
                    {% endif %}
                ) as made_tonight
            {%- endset -%}
            {{ return(made_tonight) }}
        {%- endif -%}
    {%- endif -%}
    {{ return(default__get_where_subquery(relation)) }}
{%- endmacro %}

{% macro is_test_of_rows() -%}
    {{
        return(
            config.get('severity') | lower != 'warn'
            and model.test_metadata.name in ['key', 'never_null', 'holds', 'accepted_values']
        )
    }}
{%- endmacro %}

{#- The columns of a test of a key that rows of two units could share; none of any other test. -#}
{% macro columns_of_key() -%}
    {%- set test = model.test_metadata -%}
    {%- if test.name != 'key' -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set columns = test.kwargs.columns or test.kwargs.arguments.columns -%}
    {%- set node = graph.nodes[model.attached_node] -%}
    {%- set unit = unit_of(node.name) -%}
    {{ return([] if unit | reject('in', columns) | list == [] else columns) }}
{%- endmacro %}

{#- The condition on which a row was made by touched keys tonight; nothing of a model that was made otherwise. -#}
{% macro is_made_tonight(name) -%}
    {%- for node in graph.nodes.values() if node.name == name and was_made_by_keys_tonight(node) -%}
        {%- set unit = unit_of(name) | join(', ') -%}
        {%- for keys in graph.nodes.values() if keys.name == node.config.meta.touched_keys -%}
            {{ return('(' ~ unit ~ ') in (select ' ~ unit ~ ' from ' ~ keys.relation_name ~ ')') }}
        {%- endfor -%}
    {%- endfor -%}
    {{ return('') }}
{%- endmacro %}

{#- The same for a test in a file of its own, which knows the model by `ref`: true of all rows of one made in full. -#}
{% macro is_looked_at(name) -%}
    {{ (is_made_tonight(name) if execute) or 'true' }}
{%- endmacro %}

{% macro unit_of(name) -%}
    {%- for node in graph.nodes.values() if node.name == name -%}
        {%- set unit = node.config.unique_key or [] -%}
        {{ return([unit] if unit is string else unit) }}
    {%- endfor -%}
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
        ~ " and touched.batch > " ~ settled_batch() ~ " and touched.relation = '" ~ node.schema ~ "." ~ node.alias ~ "')"
    ) -%}
    {{ return(found.rows | length > 0) }}
{%- endmacro %}
