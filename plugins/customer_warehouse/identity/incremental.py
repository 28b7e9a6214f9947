"""What a night must look at, and what it leaves for the next one.

A record is known by the hash of what identity reads of it. Those whose hash is another than in the last run are the
night's changes; what they can change is what they share a key with, now or before, and everything that links connect
with those records: the *reach* of the night. Whoever else shares nothing with them, so a full run would give it the
customer that it has.

A full run is made when there is nothing to build on: the first night, a night that does not follow the one that the
tables show, other rules or another version of the program, or more changes than looking at everything would cost.

Temporary tables of a run:
`changed` (source, source_key, record, fingerprint, event): records that are new, changed or gone;
`rescored` (source, source_key): records of which every pair may have another score than before;
`reach` (source, source_key, record, component, event): the records that the night looks at, and those that are gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import pyarrow as pa

from customer_warehouse.database import Connection, copy_arrow, scalar, statement
from customer_warehouse.identity import state
from customer_warehouse.identity.keys import OVER_CAP, caps, make_keys
from customer_warehouse.identity.overrides import Override
from customer_warehouse.identity.policy import Policy
from customer_warehouse.identity.records import RECORDS, SELECT_RECORDS, Workspace, load_records
from customer_warehouse.identity.stable_ids import RecordKey
from customer_warehouse.identity.transfer import read_arrow

MOST_CHANGED = 0.2
"""Of more changed records than this share, looking at everything costs less."""
FEW = 10_000
"""So many changed records are never too many."""


@dataclass(frozen=True)
class Start:
    """What a night builds on."""

    version: str
    """Of rules, thresholds, model and program."""
    why_full: str | None
    """Why everything must be looked at; None when the tables show the night before."""
    by_other_rules: bool
    """Is the version another than that of the night before?"""


def start(connection: Connection, policy: Policy, as_of: datetime, *, full: bool) -> Start:
    """Decide what the night that ends at `as_of` builds on."""
    version = f"{policy.fingerprint} {_program()}"
    before = connection.execute(
        "select as_of, policy from identity.nights where as_of < %s order by as_of desc limit 1", (as_of,)
    ).fetchone()
    shown = connection.execute("select as_of, policy from identity.state").fetchone()
    if shown is None:
        why = "nothing to build on"
    elif full:
        why = "asked for"
    elif before is None or shown[0] != before[0]:
        why = "the tables show another night than the one before"
    elif shown[1] != version:
        why = "other rules"
    else:
        why = None
    return Start(version, why, before is not None and before[1] not in (version, "not_recorded"))


@cache
def _program() -> str:
    """Changes whenever a module or a file of this package does: the same records may then give other links."""
    files = sorted(file for file in Path(__file__).parent.rglob("*") if file.suffix in (".py", ".yml", ".json", ".csv"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def find_changed(connection: Connection) -> int:
    """Fill `changed` by comparing every record's hash with that of the last run; returns how many there are."""
    connection.execute("set local work_mem = '128MB'; set local maintenance_work_mem = '256MB'; set local jit = off")
    connection.execute(
        statement(
            f"""
            create temporary table changed on commit drop as
            select
                source, source_key, known.record, now.fingerprint,
                case
                    when known.record is null then 'new'
                    when now.fingerprint is null then 'gone'
                    else 'changed'
                end as event
            from (
                select source, source_key, {state.fingerprint(connection)} as fingerprint from standardised.customers
            ) as now
            full join identity.records as known using (source, source_key)
            where now.fingerprint is distinct from known.fingerprint
            """
        )
    )
    return int(scalar(connection, "select count(*) from changed"))


def is_much(connection: Connection, changed: int) -> bool:
    """Would a full run cost less than following these changes?"""
    if changed <= FEW:
        return False
    return changed > MOST_CHANGED * int(scalar(connection, "select count(*) from identity.records"))


def reach_everything(connection: Connection) -> None:
    """Fill `reach` for a full run: what the last run knew, and what is new since."""
    connection.execute(
        """
        create temporary table reach on commit drop as
        select source, source_key, known.record, known.component, changed.event
        from identity.records as known
        full join changed using (source, source_key)
        """
    )


def follow(connection: Connection, overrides: Sequence[Override]) -> set[RecordKey]:
    """Remember the decisions that this run follows; returns the records about which the last run followed others."""
    query = "select source_a, key_a, source_b, key_b, decision from identity.followed"
    now = [(*override.a, *override.b, override.decision) for override in overrides]
    changed = set(now) ^ set(connection.execute(query).fetchall())
    connection.execute("delete from identity.followed")
    connection.cursor().executemany(
        "insert into identity.followed (override_id, source_a, key_a, source_b, key_b, decision)"
        " values (%s, %s, %s, %s, %s, %s)",
        [(override.override_id, *row) for override, row in zip(overrides, now, strict=True)],
    )
    return {RecordKey(*end) for row in changed for end in (row[:2], row[2:4])}


def find_reach(connection: Connection, work: Workspace, policy: Policy, steered: Iterable[RecordKey]) -> None:
    """Fill `reached_components`, and bring `identity.keys` and `identity.held` up to date.

    `steered` are records about which other decisions of stewards are followed than before.
    """
    connection.execute(
        """
        update changed set record = numbered.record
        from (
            select
                source,
                source_key,
                row_number() over (order by source, source_key)
                + (select coalesce(max(record), -1) from identity.records) as record
            from changed where event = 'new'
        ) as numbered
        where changed.source = numbered.source and changed.source_key = numbered.source_key;
        analyze changed
        """
    )
    connection.execute("create temporary table rescored on commit drop as select source, source_key from changed")
    _renew_keys(connection, work, policy)
    _renew_held(connection, policy)
    rows = list(steered)
    copy = pa.table({"source": [row.source for row in rows], "source_key": [row.source_key for row in rows]})
    connection.execute("create temporary table steered (source text, source_key text) on commit drop")
    copy_arrow(connection, "steered", copy)
    connection.execute(
        """
        create temporary table reached_components on commit drop as
        select distinct known.component
        from identity.records as known
        join (
            select record from changed
            union
            select alike.record
            from alike join counted using (key) join caps using (kind)
            where case when is_of_pairs then was_held <> is_held else not (was_held and is_held) end
            union
            select record from identity.records join steered using (source, source_key)
            union
            select other.record
            from (
                select source_a as source, key_a as source_key, source_b, key_b from identity.followed
                union all
                select source_b, key_b, source_a, key_a from identity.followed
            ) as decided
            join changed using (source, source_key)
            join identity.records as other on other.source = decided.source_b and other.source_key = decided.key_b
        ) as reached using (record)
        """
    )


def close_reach(connection: Connection) -> None:
    """Fill `reach` with the records of all reached components, and of those that a decision ties to them.

    A pair is not put to people when a decision says that the two customers are two, so what becomes of one of them
    matters to the pairs of the other.
    """
    connection.execute(
        """
        analyze reached_components;
        insert into reached_components
        select distinct there.component
        from (
            select source_a as source, key_a as source_key, source_b, key_b from identity.followed
            union all
            select source_b, key_b, source_a, key_a from identity.followed
        ) as decided
        join identity.records as here using (source, source_key)
        join reached_components on reached_components.component = here.component
        join identity.records as there on there.source = decided.source_b and there.source_key = decided.key_b
        where there.component not in (select component from reached_components);
        create temporary table reach on commit drop as
        select known.source, known.source_key, known.record, known.component, changed.event
        from identity.records as known
        join reached_components using (component)
        left join changed using (record)
        union all
        select source, source_key, record, null, event from changed where event = 'new';
        analyze reach
        """
    )


def _renew_keys(connection: Connection, work: Workspace, policy: Policy) -> None:
    """Bring the keys of changed records up to date; `touched` holds the keys they have or had, and how many of each."""
    load_records(
        work,
        read_arrow(
            connection,
            f"{SELECT_RECORDS} where (source, source_key) in"
            " (select source, source_key from changed where event <> 'gone')",
            RECORDS,
        ),
    )
    make_keys(work, policy)
    connection.execute("create temporary table new_keys (like identity.keys) on commit drop")
    state.read_numbers(connection, work, "changed where event <> 'gone'")
    state.put_keys(connection, work, "new_keys")
    connection.execute(
        """
        create temporary table old_keys on commit drop as
        select keys.* from identity.keys join changed using (record) where event <> 'new';
        create temporary table touched on commit drop as
        select key, max(kind) as kind, sum(added)::integer as added, sum(removed)::integer as removed
        from (
            select key, kind, 1 as added, 0 as removed from new_keys
            union all
            select key, kind, 0, 1 from old_keys
        ) as either
        group by key;
        delete from identity.keys using changed where keys.record = changed.record and event <> 'new';
        insert into identity.keys select * from new_keys;
        analyze touched
        """
    )


def _renew_held(connection: Connection, policy: Policy) -> None:
    """Bring `identity.held` up to date for the keys touched.

    A held key that stays over its cap whatever left it is not counted again: that would be most of the work. `alike`
    holds the records of all other keys touched, `counted` what became of each of them.
    """
    columns = "kind text, cap integer, by_voice boolean, most integer, is_of_pairs boolean"
    connection.execute(statement(f"create temporary table caps ({columns}) on commit drop"))
    copy_arrow(connection, "caps", caps(policy))
    connection.execute(
        statement(
            f"""
            create temporary table remaining on commit drop as
            select *, {OVER_CAP} as is_certain
            from (
                select
                    touched.key, touched.kind as number, held.kind,
                    held.records + added - removed as records, held.voices_at_least - removed as voices
                from touched
                join identity.key_kinds on key_kinds.kind = touched.kind
                join identity.held on held.kind = key_kinds.name and held.key = touched.key
            ) as less
            join caps using (kind);

            create temporary table alike on commit drop as
            select keys.key, keys.record, keys.voice
            from identity.keys
            join touched on touched.key = keys.key
            where not exists (select from remaining where remaining.key = touched.key and is_certain);

            create temporary table counted on commit drop as
            select key, kind, records, voices, was_held, {OVER_CAP} as is_held
            from (
                select
                    touched.key,
                    key_kinds.name as kind,
                    count(alike.record)::integer as records,
                    count(distinct alike.voice)::integer as voices,
                    bool_or(remaining.key is not null) as was_held
                from touched
                join identity.key_kinds on key_kinds.kind = touched.kind
                left join alike on alike.key = touched.key
                left join remaining on remaining.key = touched.key
                where remaining.is_certain is not true
                group by touched.key, key_kinds.name
            ) as groups
            join caps using (kind);
            analyze alike;
            analyze counted;

            update identity.held set records = remaining.records, voices_at_least = remaining.voices
            from remaining where is_certain and held.kind = remaining.kind and held.key = remaining.key;
            delete from identity.held using counted where held.kind = counted.kind and held.key = counted.key;
            insert into identity.held (kind, key, records, voices_at_least)
            select kind, key, records, voices from counted where is_held
            """
        )
    )
