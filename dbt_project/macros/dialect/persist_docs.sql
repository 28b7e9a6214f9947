{#-
  The words of the YAML twin, as comments of a relation and its columns: only those that it does not have yet, and all in
  one statement. dbt writes all of them every night and asks twice which columns there are; the contract says that.
-#}
{% macro postgres__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- set wanted = {} -%}
    {%- if for_relation and config.persist_relation_docs() and model.description -%}
        {%- do wanted.update({none: model.description}) -%}
    {%- endif -%}
    {%- if for_columns and config.persist_column_docs() -%}
        {%- for name, column in model.columns.items() if column.description -%}
            {%- do wanted.update({name: column.description}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if wanted -%}
        {%- set there = run_query(
            "select attributes.attname, comments.description from pg_description as comments"
            ~ " left join pg_attribute as attributes"
            ~ " on attributes.attrelid = comments.objoid and attributes.attnum = nullif(comments.objsubid, 0)"
            ~ " where comments.classoid = cast('pg_class' as regclass)"
            ~ " and comments.objoid = cast('" ~ relation ~ "' as regclass)"
        ) -%}
        {%- for name, comment in there.rows if wanted.get(name) == comment -%}
            {%- do wanted.pop(name) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if wanted -%}
        {%- call statement('persist_docs') -%}
            {%- for name, comment in wanted.items() -%}
                comment on
                {%- if name is none %} {{ relation.type }} {{ relation }}
                {%- else %} column {{ relation }}.{{ adapter.quote(name) }}
                {%- endif %}
                is {{ postgres_escape_comment(comment) }};
            {% endfor -%}
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}
