{#-
  The view of schema `marts` that readers see: the rows of the batch in `ops.published`, without the batch's number.

  Replacing a view waits for every reader and makes all later ones wait behind it, so the view is made only when it is
  missing or when the model's columns are not its columns any more. Columns added at the end keep the view and its grants;
  any other change of the columns needs a new view, whose grants are taken over from the old one.
-#}
{% macro published_view(relation) -%}
    {{ return(adapter.dispatch('published_view', 'customer_warehouse')(relation)) }}
{%- endmacro %}

{% macro postgres__published_view(relation) -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- set wanted = model.columns.values() | rejectattr('name', 'equalto', 'batch_id') | list -%}
        {%- set names = wanted | map(attribute='name') | list -%}
        {%- set found = view_columns(relation.identifier) -%}
        {%- set view = api.Relation.create(schema='marts', identifier=relation.identifier) -%}
        {%- set create_view = "create or replace view " ~ view.include(database=false) ~ " as"
            ~ " select " ~ names | join(", ") ~ " from " ~ relation
            ~ " where batch_id = (select batch_id from ops.published)" -%}
        {%- if found == names -%}
        {%- elif found == names[:found | length] -%}
            {%- do run_query("set local lock_timeout = '60s'") -%}
            {%- do run_query(create_view) -%}
        {%- else -%}
            {%- do run_query("set local lock_timeout = '60s'") -%}
            {%- set grants = view_grants(relation.identifier) -%}
            {%- do run_query('drop view ' ~ view.include(database=false)) -%}
            {%- do run_query(create_view) -%}
            {%- for grant in grants -%}{%- do run_query(grant) -%}{%- endfor -%}
        {%- endif -%}
        {%- do run_query(view_comments(view.include(database=false), wanted)) -%}
    {%- endif -%}
{%- endmacro %}

{#- The columns of the view as it is, in order; empty when there is no view. -#}
{% macro view_columns(name) -%}
    {%- set found = run_query(
        "select column_name from information_schema.columns"
        ~ " where table_schema = 'marts' and table_name = '" ~ name ~ "' order by ordinal_position"
    ) -%}
    {{ return(found.columns[0].values() | list) }}
{%- endmacro %}

{#- The statements that would give the view's rights again. -#}
{% macro view_grants(name) -%}
    {%- set found = run_query(
        "select format('grant %s on marts.%I to %s', privilege_type, table_name,"
        ~ " case grantee when 'PUBLIC' then 'public' else quote_ident(grantee) end)"
        ~ " from information_schema.role_table_grants where table_schema = 'marts' and table_name = '" ~ name ~ "'"
        ~ " order by 1"
    ) -%}
    {{ return(found.columns[0].values() | list) }}
{%- endmacro %}

{#- The descriptions of the model and its columns, so that a BI tool shows them; this lock lets readers through. -#}
{% macro view_comments(view, columns) -%}
    comment on view {{ view }} is {{ dbt.string_literal(dbt.escape_single_quotes(model.description)) }};
    {% for column in columns if column.description -%}
    comment on column {{ view }}.{{ column.name }}
    is {{ dbt.string_literal(dbt.escape_single_quotes(column.description)) }};
    {% endfor %}
{%- endmacro %}
