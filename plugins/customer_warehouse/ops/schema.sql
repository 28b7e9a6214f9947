-- The run ledger: what every run did, in numbers. The summary, the report and the alerts read only from here.
-- Idempotent: executed before every run.

create schema if not exists ops;
create schema if not exists raw;
create schema if not exists standardised;
create schema if not exists identity;
create schema if not exists warehouse;
create schema if not exists marts;
create schema if not exists marts_bi;
create schema if not exists marts_store;
create schema if not exists activation;

create table if not exists ops.runs (
    run_id text primary key,
    dag_id text not null,
    night date not null,
    as_of timestamptz not null,
    status text not null check (status in ('running', 'succeeded', 'degraded', 'failed')),
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    message text
);
comment on table ops.runs is 'One row per run of a DAG for a night; running the same night again overwrites its row.';

create table if not exists ops.steps (
    step_id bigint generated always as identity primary key,
    run_id text not null,
    stage text not null,
    step text not null,
    status text not null check (status in ('running', 'succeeded', 'degraded', 'failed')),
    rows_in bigint not null default 0,
    rows_out bigint not null default 0,
    rows_rejected bigint not null default 0,
    rows_duplicate bigint not null default 0,
    detail jsonb not null default '{}',
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    message text
);
create index if not exists steps_run on ops.steps (run_id, step_id);
comment on table ops.steps is 'One row per attempt of a step: a source, a standard entity, a dbt stage, a check, a destination.';

create table if not exists ops.batches (
    batch_id bigint generated always as identity primary key,
    run_id text not null,
    source text not null,
    entity text not null,
    as_of timestamptz not null,
    window_start timestamptz,
    window_end timestamptz not null,
    watermark timestamptz,
    rows_read bigint not null default 0,
    rows_landed bigint not null default 0,
    rows_duplicate bigint not null default 0,
    rows_isolated bigint not null default 0,
    keys_deleted bigint not null default 0,
    status text not null check (status in ('running', 'landed', 'failed')),
    message text,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz
);
create index if not exists batches_entity on ops.batches (source, entity, window_end);
alter table ops.batches add column if not exists rows_restored bigint not null default 0;
comment on column ops.batches.rows_restored is
'Versions of before that stand once more, though the read did not bring them: a key that is there again.';
comment on table ops.batches is
'One row per read of one source entity. The next window starts at the watermark of the last landed one.';

create table if not exists ops.files (
    source text not null,
    entity text not null,
    file text not null,
    sha256 text not null,
    status text not null check (status in ('landed', 'duplicate', 'isolated')),
    rows_read bigint not null default 0,
    reason text,
    detail text,
    as_of timestamptz not null,
    last_seen_as_of timestamptz not null,
    deliveries bigint not null default 1,
    batch_id bigint,
    seen_at timestamptz not null default clock_timestamp(),
    primary key (source, entity, file, sha256)
);
comment on table ops.files is
'Every delivered file by content: landed, a repeat of one that was, or isolated with a reason. The content seen last is
the one that stands; it may have been delivered more than once, with another in between.';

create table if not exists ops.isolated (
    source text not null,
    entity text not null,
    place text not null,
    reason text not null,
    rows bigint not null,
    as_of timestamptz not null,
    batch_id bigint not null,
    primary key (source, entity, place, reason, as_of)
);
comment on table ops.isolated is
'What could not be landed, by place (file, page, row number) and reason. Never holds a value of the row itself.';

do $$
begin  -- A ledger from before contracts: what it says of drift is said anew by the next night.
    if to_regclass('ops.drift') is not null and not exists (
        select from information_schema.columns
        where table_schema = 'ops' and table_name = 'drift' and column_name = 'action'
    ) then
        drop table ops.drift;
        alter table ops.files add column detail text;
        alter table ops.files add column last_seen_as_of timestamptz not null default '-infinity';
        alter table ops.files add column deliveries bigint not null default 1;
    end if;
end $$;
create table if not exists ops.drift (
    source text not null,
    entity text not null,
    column_name text not null,
    kind text not null check (kind in (
        'added', 'dropped', 'renamed', 'widened', 'narrowed', 'newly_null', 'new_enum_value', 'newly_nested'
    )),
    action text not null check (action in ('accept', 'reject_rows', 'stop_entity', 'stop_night')),
    rows bigint not null,
    detail text not null,
    first_seen_as_of timestamptz not null,
    last_seen_as_of timestamptz not null,
    primary key (source, entity, column_name, kind)
);
comment on table ops.drift is
'Where a source differs from its contract or from its own habits, what was done about it, and how many rows it concerned
when last seen. Never holds a value of a row.';

create table if not exists ops.profiles (
    source text not null,
    entity text not null,
    column_name text not null,
    as_of timestamptz not null,
    rows bigint not null,
    nulls bigint not null,
    text_values bigint not null,
    integer_values bigint not null,
    decimal_values bigint not null,
    date_values bigint not null,
    timestamp_values bigint not null,
    boolean_values bigint not null,
    json_values bigint not null,
    primary key (source, entity, column_name, as_of)
);
comment on table ops.profiles is
'What each night delivered, by column: rows, rows without a value, and the values of a sample by type. Never a value.';

create table if not exists ops.checks (
    run_id text not null,
    stage text not null,
    table_name text not null,
    check_name text not null,
    severity text not null check (severity in ('critical', 'hold', 'warn')),
    status text not null check (status in ('passed', 'failed', 'no_baseline', 'not_made')),
    observed double precision,
    low double precision,
    high double precision,
    nights integer,
    label text,
    held text[],
    why text not null,
    what_to_do text not null,
    checked_at timestamptz not null default clock_timestamp(),
    primary key (run_id, stage, table_name, check_name)
);
do $$ begin  -- a ledger from before a check had a status
    if exists (select from pg_attribute where attrelid = 'ops.checks'::regclass and attname = 'passed') then
        alter table ops.checks drop constraint checks_severity_check, add status text, add observed double precision,
            add low double precision, add high double precision, add nights integer, add label text,
            add held text[];
        update ops.checks set status = case when passed then 'passed' else 'failed' end;
        alter table ops.checks drop column passed, alter status set not null,
            add check (severity in ('critical', 'hold', 'warn')),
            add check (status in ('passed', 'failed', 'no_baseline', 'not_made'));
    end if;
end $$;
comment on table ops.checks is
'The last result of every border check of a run; of a measure its number, or that of the label farthest off, and the band
that was usual. held: the segments that stay as they are because of it. Never holds a value of a row.';

create table if not exists ops.measures (
    run_id text not null,
    stage text not null,
    table_name text not null,
    check_name text not null,
    label text not null,
    definition text not null,
    status text not null,
    observed double precision,
    low double precision,
    high double precision,
    nights integer not null,
    primary key (run_id, table_name, check_name, label)
);
comment on table ops.measures is
'Every number that the border checks of a run have measured: what later nights learn from. Labels are codes.';

create table if not exists ops.relearned (
    table_name text not null,
    check_name text not null,
    from_night date not null,
    primary key (table_name, check_name)
);
comment on table ops.relearned is 'Measures whose usual level has changed for good: nights before from_night teach no more.';

create table if not exists ops.conservation (
    run_id text not null,
    border text not null,
    source text not null,
    entity text not null,
    what text not null,
    amount_in numeric not null,
    parts jsonb not null,
    difference numeric not null,
    as_of timestamptz not null,
    taken_at timestamptz not null default clock_timestamp(),
    primary key (run_id, border, source, entity, what)
);
comment on table ops.conservation is
'What came to a border and what became of it, in rows or money: amount_in = the sum of the parts + difference. A difference stops the night.';

create table if not exists ops.stocks (
    table_name text not null,
    what text not null,
    amount numeric not null,
    batch_id bigint,
    as_of timestamptz not null,
    run_id text not null,
    taken_at timestamptz not null default clock_timestamp(),
    primary key (table_name, what)
);
comment on table ops.stocks is
'What each table held when its stage last handed it on: its rows, and the sum of each of its numbers. The next stage looks again.';

create table if not exists ops.publications (
    publication_id bigint generated always as identity primary key,
    batch_id bigint not null,
    run_id text not null,
    night date not null,
    as_of timestamptz not null,
    published_at timestamptz not null default clock_timestamp()
);
alter table ops.publications add column if not exists kind text not null default 'publish'
    check (kind in ('publish', 'rollback'));
alter table ops.publications add column if not exists held jsonb not null default '{}';
alter table ops.publications add column if not exists is_kept boolean not null default true;
alter table ops.publications add column if not exists from_batch_id bigint;
alter table ops.publications add column if not exists by_whom text;
alter table ops.publications add column if not exists why text;
comment on table ops.publications is
'Every move of the pointer: to which batch, when, and of a rollback from which batch, by whom and why. is_kept: whether the
rows of the batch are still there.';
create table if not exists ops.published (
    only_row boolean primary key default true check (only_row),
    batch_id bigint not null,
    run_id text not null,
    night date not null,
    as_of timestamptz not null
);
alter table ops.published add column if not exists held jsonb not null default '{}';
alter table ops.published add column if not exists rolled_back_from bigint;
comment on table ops.published is
'The pointer: the one batch of the marts that readers see. held: the segments that may not be built from it, and why.
rolled_back_from: the batch that readers were taken back from; empty when a night was published.';
create table if not exists ops.mart_columns (
    relation text not null,
    column_name text not null,
    column_position integer not null,
    data_type text,
    unit text,
    meaning_en text not null,
    meaning_zh_hant text,
    meaning_zh_hans text,
    source text,
    personal text,
    is_key boolean not null,
    refers_to text,
    contract_version integer not null,
    primary key (relation, column_name)
);
comment on table ops.mart_columns is
'What the published marts and their columns mean, as they were declared when the marts were last built; * is the mart.';
create table if not exists ops.mart_contracts (
    mart text primary key,
    version integer not null,
    published_at timestamptz not null default clock_timestamp()
);
comment on table ops.mart_contracts is
'The version of each published mart that readers see: what dbt_project/contracts says it was when its columns last changed.';
create sequence if not exists ops.mart_batches;

create sequence if not exists ops.touched_batches;

create table if not exists ops.touched_keys (
    relation text not null,
    key_column text,
    source text,
    key text,
    batch bigint
);
comment on table ops.touched_keys is
'One row per key of a row that was added, changed or deleted since the facts were made from it; without a key, all of the relation. A build takes what has no batch yet, and forgets the keys of its batch once it has succeeded; relations that were touched as a whole are kept for the marts of that night.';

create table if not exists ops.model_builds (
    model text primary key,
    fingerprint text not null,
    batch bigint not null
);
alter table ops.model_builds add column if not exists night date;
alter table ops.model_builds add column if not exists is_mart boolean not null default false;
comment on table ops.model_builds is
'One row per model that is made by touched keys: by which program it was made and which touched keys it knows; and the row warehouse, which knows those of the last build that was finished.';

create table if not exists ops.kept_relations (
    relation text primary key,
    made_from text not null,
    state text not null
);
comment on table ops.kept_relations is
'One row per view and per table of a file in the warehouse: what it was made from, and what was in the database then; it is left as it is while both are the same.';

-- After any statement on a watched table; the arguments are its key columns. A statement that touches more than a fifth
-- of the table is noted as one row: making everything anew is then the shorter way.
create or replace function ops.note_touched() returns trigger language plpgsql as $function$
declare
    watched text := tg_table_schema || '.' || tg_table_name;
    too_many real := (select greatest(1000, reltuples / 5) from pg_class where oid = tg_relid);
    side text;
    touched bigint;
    named text;
begin
    if tg_op = 'TRUNCATE' then
        insert into ops.touched_keys (relation) values (watched);
        return null;
    end if;
    foreach side in array case tg_op
        when 'INSERT' then array['added'] when 'DELETE' then array['gone'] else array['added', 'gone']
    end loop
        execute format('select count(*) from %I', side) into touched;
        if touched > too_many then
            insert into ops.touched_keys (relation) values (watched);
        else
            foreach named in array tg_argv loop
                execute format(
                    'insert into ops.touched_keys (relation, key_column, source, key)'
                    ' select distinct $1, $2, source, %1$I from %2$I where %1$I is not null',
                    named, side
                ) using watched, named;
            end loop;
        end if;
    end loop;
    return null;
end
$function$;
