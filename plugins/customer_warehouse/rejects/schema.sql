-- What could not be standardised, and since when. Idempotent: executed at the start of the standardise stage.

create table if not exists standardised.rejects (
    reject_id uuid primary key,
    source text not null,
    origin text not null,
    unit text not null,
    entity text not null,
    source_key text not null,
    column_name text not null,
    raw_value text,
    reason text not null,
    row_rejected boolean not null,
    amounts jsonb,
    first_seen_as_of timestamptz not null,
    last_seen_as_of timestamptz not null,
    nights integer not null default 1
);
create index if not exists rejects_unit on standardised.rejects (source, origin, unit);
comment on table standardised.rejects is
'Values (or, when row_rejected, whole rows) that could not be standardised and still stand, with the reason; amounts are the numbers that are lost with them, as the source wrote them.';

create table if not exists standardised.reject_nights (as_of timestamptz primary key);
comment on table standardised.reject_nights is 'The nights whose rejects are known.';

create table if not exists standardised.reject_spells (
    reject_id uuid not null,
    from_as_of timestamptz not null,
    until_as_of timestamptz,
    source text not null,
    origin text not null,
    entity text not null,
    source_key text not null,
    column_name text not null,
    reason text not null,
    row_rejected boolean not null,
    primary key (reject_id, from_as_of)
);
create index if not exists reject_spells_until on standardised.reject_spells (until_as_of);
comment on table standardised.reject_spells is
'When each reject stood: from a night on, until the first night in which it stood no more; null: it still stands.';

create or replace view standardised.reject_history as
with nights as (
    select as_of, row_number() over (order by as_of) as number, lag(as_of) over (order by as_of) as night_before
    from standardised.reject_nights
),
newest as (select max(as_of) as as_of, count(*) as number from standardised.reject_nights),
spells as (
    select
        s.*,
        coalesce(u.number, newest.number + 1) - f.number as nights,
        case when s.until_as_of is null then newest.as_of else greatest(u.night_before, s.from_as_of) end
            as last_seen_as_of,
        row_number() over (partition by s.reject_id order by s.from_as_of desc) as newest_first
    from standardised.reject_spells as s
    cross join newest
    join nights as f on f.as_of = s.from_as_of
    left join nights as u on u.as_of = s.until_as_of
    -- A spell that ended in the night in which it began was mended in that night, and says something only by itself.
    where s.until_as_of is distinct from s.from_as_of or not exists (
        select from standardised.reject_spells as o
        where o.reject_id = s.reject_id and o.until_as_of is distinct from o.from_as_of
    )
)
select
    reject_id,
    min(source) as source,
    min(origin) as origin,
    min(entity) as entity,
    min(source_key) as source_key,
    min(column_name) as column_name,
    min(reason) as reason,
    bool_or(row_rejected) filter (where newest_first = 1) as row_rejected,
    case when bool_or(until_as_of is null) then 'open' else 'resolved' end as state,
    min(from_as_of) as first_seen_as_of,
    max(last_seen_as_of) as last_seen_as_of,
    cast(sum(nights) as integer) as nights,
    case when not bool_or(until_as_of is null) then max(until_as_of) end as resolved_as_of
from spells
group by reject_id;
comment on view standardised.reject_history is
'Every reject that ever stood, once: open or resolved, since when, in how many nights, and when it was resolved.';

create table if not exists standardised.reject_reasons (
    reason text primary key,
    meaning text not null,
    what_to_do text not null
);
comment on table standardised.reject_reasons is 'What each reason means, and what to do about it.';

create or replace view standardised.unmapped_codes as
select
    source,
    entity,
    column_name,
    raw_value as code,
    count(*) as rows,
    count(*) filter (where row_rejected) as rows_rejected,
    min(first_seen_as_of) as first_seen_as_of,
    max(last_seen_as_of) as last_seen_as_of
from standardised.rejects
where reason = 'unmapped_code'
group by source, entity, column_name, raw_value;
comment on view standardised.unmapped_codes is
'The work list of code maps: each code that a source delivers and its declaration does not map.';
