{#-
  A table is made beside the one before and takes its place, in one transaction. dbt renames both and drops the older one in
  three steps, and makes every macro ready anew for each: a tenth of a small night.
-#}
{% materialization table, adapter='postgres' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set intermediate = make_intermediate_relation(target) -%}

    {{ drop_relation_if_exists(load_cached_relation(intermediate)) }}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- call statement('main') -%}
        {{ get_create_table_as_sql(False, intermediate, sql) }}
    {%- endcall -%}
    {%- do create_indexes(intermediate) -%}

    {%- call statement('take_the_place') -%}
        {%- if existing is not none -%}
            drop {{ existing.type }} if exists {{ existing }} cascade;
        {% endif -%}
        alter table {{ intermediate }} rename to {{ adapter.quote(target.identifier) }}
    {%- endcall -%}
    {%- if existing is not none -%}
        {%- do adapter.cache_dropped(existing) -%}
    {%- endif -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(target, model) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target]}) }}
{% endmaterialization %}
