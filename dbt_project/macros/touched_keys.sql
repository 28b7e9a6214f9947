{#-
  Models that are made anew only for the keys that were touched since they were made last.

  Such a model is `materialized='incremental'` with `unique_key`, the unit that is made anew (all rows of an order, say),
  and `meta.touched_keys`, the model that lists those units tonight. Wherever it reads rows, it asks `is_touched`.

  It is made in full whenever that might not be enough: when it, a model or seed before it, a macro or a setting is
  another than the last time; when a relation before it was made in full; when a table of `meta.rebuilt_with`, for what
  holds of a whole source, has other rows; and when nobody says which keys were touched (no `touched_batch`).
-#}

{#-
  A condition: the row belongs to a unit that is made anew. `columns` may be said with their table (`orders.order_id`).
  `keys` is the name of the model that lists the units, which only a build by keys reads; a unit test needs not give it.
  Of a view that adds up or numbers the rows of each unit (`of_view`, one column), it is put so that the database works
  out those units alone: it takes a comparison with values into a view, and one with another table only around it.
-#}
{% macro is_touched(keys, columns, of_view=false) -%}
    {%- if not execute -%}
        {%- do ref(keys) -%}
    {%- endif -%}
    {#- A unit test has no table of its own, so no `this`. -#}
    {%- if this and is_incremental() and not (is_kept_as_versions(config) and must_be_made_in_full()) -%}
        {%- set names = [] -%}
        {%- for column in columns -%}
            {%- do names.append(column.split('.') | last) -%}
        {%- endfor -%}
        {%- if of_view -%}
            {{ columns[0] }} = any(array(select {{ names[0] }} from {{ ref(keys) }}))
        {%- else -%}
            ({{ columns | join(', ') }}) in (select {{ names | join(', ') }} from {{ ref(keys) }})
        {%- endif -%}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- The keys in `key_column`, before and after, of the rows of `relation` (schema.name) that changed, came or went. -#}
{% macro touched(relation, key_column) -%}
    select distinct
        source,
        key
    from {{ source('ops', 'touched_keys') }}
    where
        relation = '{{ relation }}'
        and key_column = '{{ key_column }}'
        and batch is not null
{%- endmacro %}

{#-
  From the night that the models are of until tonight, in the order of the calendar: a past night may be built again. What
  time makes other between the two is to be looked at again.
-#}
{% macro nights_since_builds() -%}
    select
        coalesce(least(min(builds.night), {{ night() }}), {{ night() }}) as first_night,
        coalesce(greatest(max(builds.night), {{ night() }}), {{ night() }}) as last_night
    from {{ source('ops', 'model_builds') }} as builds
{%- endmacro %}

{#- The last build of the warehouse that was finished, as a subquery. -#}
{% macro settled_batch() -%}
    (select coalesce(max(settled.batch), 0) from ops.model_builds as settled where settled.model = 'warehouse')
{%- endmacro %}

{#- dbt asks this before it decides how to make an incremental model. -#}
{% macro should_full_refresh() -%}
    {%- set asked = config.get('full_refresh') -%}
    {%- if asked is none -%}
        {%- set asked = flags.FULL_REFRESH -%}
    {%- endif -%}
    {%- if is_kept_as_versions(config) -%}
        {{ return(false) }}
    {%- endif -%}
    {{ return(asked or (execute and is_made_by_touched_keys() and must_be_made_in_full())) }}
{%- endmacro %}

{% macro is_made_by_touched_keys() -%}
    {{ return(
        config.get('materialized') == 'incremental'
        and config.get('incremental_strategy') in ['touched_keys', 'added_up', 'batch_versions']
    ) }}
{%- endmacro %}

{#- Asked for every table that a model reads, and several times more while it is made; looked up once, then known. -#}
{% macro must_be_made_in_full() -%}
    {%- if var('touched_batch', none) is none -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set told = load_result('must_be_made_in_full') -%}
    {%- if told is none -%}
        {%- set known = run_query(
            "select builds.fingerprint from ops.model_builds as builds where builds.model = '" ~ model.name ~ "'"
            ~ " and not exists (select 1 from ops.touched_keys as touched where touched.key_column is null"
            ~ " and touched.batch > builds.batch and touched.relation in ('" ~ relations_before() | join("', '") ~ "'))"
        ).columns[0].values() | list -%}
        {%- set answer = known != [fingerprint_of_model()] -%}
    {%- else -%}
        {%- set answer = told.response -%}
    {%- endif -%}
    {%- do store_result('must_be_made_in_full', response=answer) -%}
    {{ return(answer) }}
{%- endmacro %}

{#- The names of all nodes that the model is made from, near and far. The list grows while it is read. -#}
{% macro nodes_before() -%}
    {%- set found = graph.nodes[model.unique_id].depends_on.nodes | unique | list -%}
    {%- set known = {} -%}
    {%- for name in found -%}
        {%- do known.update({name: true}) -%}
    {%- endfor -%}
    {%- for name in found if name in graph.nodes -%}
        {%- for further in graph.nodes[name].depends_on.nodes if further not in known -%}
            {%- do known.update({further: true}) -%}
            {%- do found.append(further) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found | sort) }}
{%- endmacro %}

{% macro relations_before() -%}
    {%- set found = [] -%}
    {%- for name in nodes_before() -%}
        {%- set node = graph.nodes[name] if name in graph.nodes else graph.sources[name] -%}
        {%- do found.append(node.schema ~ '.' ~ (node.alias or node.identifier)) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- Changes whenever the same rows before the model could make other rows of it. -#}
{% macro fingerprint_of_model() -%}
    {%- set parts = [var('program'), var('base_currency'), var('business_time_zone'), tojson(model.columns)] -%}
    {%- for name in [model.unique_id] + nodes_before() if name in graph.nodes -%}
        {%- do parts.append(name ~ graph.nodes[name].checksum.checksum) -%}
    {%- endfor -%}
    {%- for name in config.get('meta').get('rebuilt_with', []) -%}
        {%- do parts.append(digest_of_rows(ref(name))) -%}
    {%- endfor -%}
    {{ return(local_md5(parts | join(' '))) }}
{%- endmacro %}

{#-
  The strategy: what stood for the touched keys gives way to what stands for them now. Of a fact that says so
  (`meta.notes`), the customers of both are noted for the models that are made by customers.
-#}
{% macro get_incremental_touched_keys_sql(arg_dict) -%}
    {%- set unit = arg_dict.unique_key -%}
    {%- set key = unit if unit is string else unit | join(', ') -%}
    {%- set columns = arg_dict.dest_columns | map(attribute='quoted') | join(', ') -%}
    {%- set is_gone -%}
        ({{ key }}) in (select {{ key }} from {{ ref(config.get('meta').touched_keys) }})
    {%- endset -%}
    update ops.model_builds set batch = {{ var('touched_batch') }} where model = '{{ model.name }}';

    {% for column in config.get('meta').get('notes', []) %}
        insert into ops.touched_keys (relation, key_column, key, batch)
        select
            '{{ this.schema }}.{{ this.identifier }}',
            '{{ column }}',
            {{ column }},
            {{ var('touched_batch') }}
        from (
            select {{ column }} from {{ arg_dict.target_relation }} where {{ is_gone }}
            union
            select {{ column }} from {{ arg_dict.temp_relation }}
        ) as noted
        where {{ column }} is not null;
    {% endfor %}

    {% if config.get('meta').get('keeps_changes') -%}
        {{ keep_changes(arg_dict, is_gone) }}
    {%- endif %}

    delete from {{ arg_dict.target_relation }} where {{ is_gone }};

    insert into {{ arg_dict.target_relation }} ({{ columns }})
    select {{ columns }} from {{ arg_dict.temp_relation }} {{ in_order_of_unit() }}
{%- endmacro %}

{#-
  dbt asks the database what columns there are, twice for each model. The contract holds those of the query, and with other
  columns in its twin a model is made in full. A mart that keeps versions is not, so it gets the new ones.
-#}
{% macro process_schema_changes(on_schema_change, source_relation, target_relation) -%}
    {%- if not is_made_by_touched_keys() or is_kept_as_versions(config) -%}
        {%- set process = adapter.dispatch('process_schema_changes', 'dbt') -%}
        {{ return(process(on_schema_change, source_relation, target_relation)) }}
    {%- endif -%}
    {%- set columns = [] -%}
    {%- for name, column in model.columns.items() -%}
        {%- do columns.append(api.Column.create(name, column.data_type)) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{#-
  A post-hook: note in the model's own transaction which touched keys it knows now. Of a model that was made in full, all
  rows count as touched for the models behind it.
-#}
{% macro note_build() -%}
    {%- if execute and flags.WHICH in ('build', 'run') and is_made_by_touched_keys() -%}
        {{ settle_changes() }}
        {%- set batch = var('touched_batch', none) -%}
        {%- if batch is none -%}
            delete from ops.model_builds where model = '{{ model.name }}'
        {%- else -%}
            {%- if not is_kept_as_versions(config) %}
            insert into ops.touched_keys (relation, batch)
            select '{{ this.schema }}.{{ this.identifier }}', {{ batch }}
            where not exists (
                select 1 from ops.model_builds where model = '{{ model.name }}' and batch = {{ batch }}
            );
            {%- endif %}

            delete from ops.model_builds where model = '{{ model.name }}';

            insert into ops.model_builds (model, fingerprint, batch, night, is_mart)
            values (
                '{{ model.name }}', '{{ fingerprint_of_model() }}', {{ batch }}, {{ night() }},
                {{ is_kept_as_versions(config) }}
            )
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
