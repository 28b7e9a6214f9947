"""What stewards decided about pairs of records: the same person, or not.

A decision wins over every rule and score in the nights whose end it precedes, until it expires or is withdrawn. It is
about records, not customers, so it survives whatever happens to the ids, and a rebuild of any night finds the decisions
as they stood then.

Decisions can contradict each other: A = B, B = C, and A ≠ C. Nobody guesses which of them is wrong. The conflict is
reported, A and C are kept apart meanwhile, because mixing two people is the worse mistake, and the decisions that would
make them one are not followed; the evidence alone decides about B.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

import duckdb
import pyarrow as pa

from customer_warehouse.database import Connection, statement
from customer_warehouse.identity.stable_ids import RecordKey

SAME: Literal["same"] = "same"
NOT_SAME: Literal["not_same"] = "not_same"
COLUMNS = (
    "override_id, source_a, key_a, source_b, key_b, decision, decided_by, decided_at, reason, expires_at, withdrawn_at,"
    " withdrawn_by"
)


@dataclass(frozen=True)
class Override:
    """One decision on two records; `a` sorts before `b`. Times are UTC."""

    override_id: int
    a: RecordKey
    b: RecordKey
    decision: str
    """`same` or `not_same`."""
    decided_by: str
    decided_at: datetime
    reason: str
    expires_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None


class Conflict(NamedTuple):
    """A pair decided to be two people that other decisions make one."""

    not_same: Override
    same: tuple[Override, ...]
    """The decisions that lead from one record of the pair to the other, by number."""

    @property
    def explanation(self) -> str:
        """The conflict in one sentence. Decisions are named by number, records not at all."""
        numbers = [str(override.override_id) for override in self.same]
        those = f"decision {numbers[0]} says" if len(numbers) == 1 else f"decisions {', '.join(numbers)} together say"
        return (
            f"Decision {self.not_same.override_id} says that two records are not one person, {those} that they are;"
            " withdraw what is wrong. Until then the two are kept apart."
        )


def active(connection: Connection, as_of: datetime) -> list[Override]:
    """The decisions that hold in the night that ends at `as_of`, by number."""
    return _read(
        connection,
        "decided_at < %(as_of)s and (expires_at is null or expires_at >= %(as_of)s)"
        " and (withdrawn_at is null or withdrawn_at >= %(as_of)s)",
        {"as_of": as_of},
    )


def standing(connection: Connection) -> list[Override]:
    """The decisions that the next night will follow, by number: neither expired nor withdrawn by now."""
    return _read(connection, "withdrawn_at is null and (expires_at is null or expires_at > clock_timestamp())")


def every(connection: Connection) -> list[Override]:
    """All decisions ever taken, by number."""
    return _read(connection, "true")


def _read(connection: Connection, condition: str, parameters: dict[str, datetime] | None = None) -> list[Override]:
    query = statement(f"select {COLUMNS} from identity.overrides where {condition} order by override_id")
    return [
        Override(number, RecordKey(source_a, key_a), RecordKey(source_b, key_b), *rest)
        for number, source_a, key_a, source_b, key_b, *rest in connection.execute(query, parameters)
    ]


def find_conflicts(overrides: Sequence[Override]) -> list[Conflict]:
    """Every pair decided to be two people that decisions `same` connect, with the decisions on the way, by number."""
    neighbours: defaultdict[RecordKey, list[tuple[RecordKey, Override]]] = defaultdict(list)
    for override in overrides:
        if override.decision == SAME:
            neighbours[override.a].append((override.b, override))
            neighbours[override.b].append((override.a, override))
    conflicts = []
    for override in overrides:
        if override.decision == NOT_SAME and override.a in neighbours and override.b in neighbours:
            between = _between(neighbours, override.a, override.b)
            if between:
                conflicts.append(Conflict(override, between))
    return conflicts


def _between(
    neighbours: dict[RecordKey, list[tuple[RecordKey, Override]]], one: RecordKey, other: RecordKey
) -> tuple[Override, ...]:
    """The decisions between two connected records: all of their component but what only hangs off the way."""
    reached, waiting = {one}, [one]
    while waiting:
        for record, _ in neighbours[waiting.pop()]:
            if record not in reached:
                reached.add(record)
                waiting.append(record)
    if other not in reached:
        return ()
    # Two decisions on one pair are one connection, so ends are found by the number of other records.
    degrees = Counter({record: len({there for there, _ in neighbours[record]}) for record in reached})
    ends = [record for record in reached if degrees[record] == 1 and record not in (one, other)]
    while ends:
        end = ends.pop()
        reached.discard(end)
        for record in {there for there, _ in neighbours[end]} & reached:
            degrees[record] -= 1
            if degrees[record] == 1 and record not in (one, other):
                ends.append(record)
    found = {override for record in reached for there, override in neighbours[record] if there in reached}
    return tuple(sorted(found, key=lambda override: override.override_id))


def in_force(overrides: Sequence[Override], conflicts: Iterable[Conflict] | None = None) -> list[Override]:
    """The decisions to follow: all but those `same` that a conflict has put in doubt. No two of them contradict."""
    found = find_conflicts(overrides) if conflicts is None else conflicts
    doubted = {override.override_id for conflict in found for override in conflict.same}
    return [override for override in overrides if override.override_id not in doubted]


def touched(before: Sequence[Override], now: Sequence[Override]) -> set[RecordKey]:
    """The records about which other decisions are in force now than before: what an incremental night must look at."""
    then, today = ({(o.a, o.b, o.decision) for o in in_force(overrides)} for overrides in (before, now))
    return {record for a, b, _ in then ^ today for record in (a, b)}


def put_overrides(work: duckdb.DuckDBPyConnection, overrides: Iterable[Override]) -> None:
    """Make the workspace's table `overrides` (a, b, decision, override_id) of those whose records are both in it."""
    rows = list(overrides)
    given = pa.table(
        {
            "source_a": pa.array([row.a.source for row in rows], pa.string()),
            "key_a": pa.array([row.a.source_key for row in rows], pa.string()),
            "source_b": pa.array([row.b.source for row in rows], pa.string()),
            "key_b": pa.array([row.b.source_key for row in rows], pa.string()),
            "decision": pa.array([row.decision for row in rows], pa.string()),
            "override_id": pa.array([row.override_id for row in rows], pa.int64()),
        }
    )
    work.register("given", given)
    work.execute(
        """
        create or replace table overrides as
        select least(one.row, other.row) as a, greatest(one.row, other.row) as b, decision, override_id
        from given
        join records as one on one.source = source_a and one.source_key = key_a
        join records as other on other.source = source_b and other.source_key = key_b
        """
    )
    work.unregister("given")


def write_conflicts(connection: Connection, conflicts: Iterable[Conflict], as_of: datetime) -> None:
    """Make `identity.override_conflicts` show these; a conflict that stood before keeps its `since`. No commit."""
    rows = list(conflicts)
    connection.execute(
        "delete from identity.override_conflicts where not_same_id <> all(%s) or since > %s",
        ([conflict.not_same.override_id for conflict in rows], as_of),
    )
    for conflict in rows:
        connection.execute(
            """
            insert into identity.override_conflicts (not_same_id, same_ids, since, explanation) values (%s, %s, %s, %s)
            on conflict (not_same_id) do update
            set same_ids = excluded.same_ids, explanation = excluded.explanation
            """,
            (
                conflict.not_same.override_id,
                [override.override_id for override in conflict.same],
                as_of,
                conflict.explanation,
            ),
        )


def decide(
    connection: Connection,
    records: tuple[RecordKey, RecordKey],
    decision: str,
    by: str,
    why: str,
    expires_at: datetime | None = None,
) -> int:
    """Write down a decision about two different records; returns its number. The caller commits."""
    a, b = sorted(records)
    row = connection.execute(
        """
        insert into identity.overrides (source_a, key_a, source_b, key_b, decision, decided_by, reason, expires_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s) returning override_id
        """,
        (*a, *b, decision, by, why, expires_at),
    ).fetchone()
    assert row is not None
    return int(row[0])


def withdraw(connection: Connection, number: int, by: str) -> bool:
    """End a decision; it is kept, and nights before today are rebuilt with it. False when none of the number stands."""
    done = connection.execute(
        "update identity.overrides set withdrawn_at = clock_timestamp(), withdrawn_by = %s"
        " where override_id = %s and withdrawn_at is null",
        (by, number),
    )
    return done.rowcount == 1
