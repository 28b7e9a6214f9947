{#-
  A published mart: the rows of the batch that is built come beside those of the batches that are kept. dbt's own incremental
  table would write them to a temporary one first, and then once more. A column that is declared anew is added; the batches
  before have nothing in it.
-#}
{% materialization batch, default %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if existing is none -%}
        {%- call statement('main') -%}
            {{ get_create_table_as_sql(False, target, sql) }}
        {%- endcall -%}
        {%- do create_indexes(target) -%}
    {%- else -%}
        {%- do get_assert_columns_equivalent(sql) -%}
        {%- do add_declared_columns(target) -%}
        {%- set columns = model.columns.values() | map(attribute='name') | join(', ') -%}
        {%- call statement('main') -%}
            delete from {{ target }} where batch_id = {{ var('batch_id', 0) }};

            insert into {{ target }} ({{ columns }})
            select {{ columns }} from ({{ sql }}) as batch
        {%- endcall -%}
    {%- endif -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(target, model) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% macro add_declared_columns(target) -%}
    {%- set known = adapter.get_columns_in_relation(target) | map(attribute='name') | list -%}
    {%- for column in model.columns.values() if column.name not in known -%}
        {%- call statement('add_column') -%}
            alter table {{ target }} add column {{ adapter.quote(column.name) }} {{ column.data_type }}
        {%- endcall -%}
    {%- endfor -%}
{%- endmacro %}

{#- dbt's own question, whether a model can look at what it made before, of a mart that has batches, too. -#}
{% macro is_incremental() -%}
    {%- if execute and this and config.get('materialized') == 'batch' -%}
        {{ return(load_relation(this) is not none) }}
    {%- endif -%}
    {{ return(dbt.is_incremental()) }}
{%- endmacro %}
