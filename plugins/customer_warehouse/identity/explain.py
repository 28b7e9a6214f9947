"""Why two records are one customer, or why they are not: what rules, scores, guards and stewards say about the pair.

The records that hang together with either of the two are resolved again by the engine of the night, with the rules,
model and decisions of now and the keys that the last night held. That is no record of what the last night did: where
something has changed since, the answer may be another. Where a rule does not link the two, they are resolved alone as
well: if that links them, it is others that keep them apart.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import NamedTuple

from customer_warehouse.database import Connection
from customer_warehouse.identity.engine import Policy, resolve
from customer_warehouse.identity.lookup import Days, Field, customer_of, fields_of
from customer_warehouse.identity.overrides import NOT_SAME, Override, every, in_force, put_overrides, standing
from customer_warehouse.identity.records import RECORDS, SELECT_RECORDS, Workspace, load_records, workspace
from customer_warehouse.identity.stable_ids import RecordKey
from customer_warehouse.identity.state import known_held
from customer_warehouse.identity.transfer import read_arrow
from customer_warehouse.identity.verdicts import Verdict, row_of, verdict

MOST_NEIGHBOURS = 5_000
"""Records that are resolved again for one answer; of a larger group only the two themselves are."""


class Part(NamedTuple):
    """What one comparison adds to the score, in bits."""

    comparison: str
    level: str
    weight: float


class Link(NamedTuple):
    """One link that was kept."""

    a: RecordKey
    b: RecordKey
    rule: str
    strength: str
    names: str | None
    probability: float | None


class Change(NamedTuple):
    """One entry of a record's history."""

    record: RecordKey
    since: datetime
    kind: str
    cause: str
    previous_customer_id: str | None
    customer_id: str | None


@dataclass
class Explanation:
    """All there is to say about two records."""

    a: RecordKey
    b: RecordKey
    customer_a: str
    customer_b: str
    fields: list[tuple[Field, Field, str]]
    """Column by column: of a, of b, and how they compare: same, different, one only, or nothing."""
    verdicts: list[Verdict]
    parts: list[Part]
    """Parts of the score; none without a model."""
    apart: list[str]
    """What holds the two apart, in sentences."""
    path: list[Link]
    """The links that lead from one to the other when they are one customer."""
    history: list[Change]
    overrides: list[Override] = field(default_factory=list)
    """Decisions about this pair, also those that hold no more."""

    @property
    def weight(self) -> float | None:
        """The score in bits."""
        return sum(part.weight for part in self.parts) if self.parts else None

    @property
    def probability(self) -> float | None:
        """The score as the probability that both are one person."""
        return None if self.weight is None else 1 / (1 + 2.0 ** -max(-1000.0, self.weight))


def explain(
    connection: Connection, policy: Policy, a: RecordKey, b: RecordKey, days: Days, *, unmasked: bool
) -> Explanation:
    """Explain two different records that identity knows."""
    known = fields_of(connection, (a, b), unmasked)
    fields = [
        (one, other, _compared(one, other)) for one, other in zip(known.get(a, []), known.get(b, []), strict=False)
    ]
    customer_a, customer_b = customer_of(connection, a), customer_of(connection, b)
    pair = {a, b}
    about = [override for override in every(connection) if {override.a, override.b} == pair]
    followed = in_force(standing(connection))
    with workspace() as work, workspace() as alone:
        _load(connection, work, _neighbours(connection, (a, b)), followed)
        _load(connection, alone, (a, b), followed)
        held = known_held(connection)
        # Values that are nobody's are taken out of the records; that somebody gave one is worth telling.
        alone.execute("create table given as select * from records")
        for place in (work, alone):
            resolve(place, policy, held)
        verdicts = [verdict(rule, work, alone, a, b) for rule in policy.rules]
        parts = _parts(work, policy, a, b)
        guarded = _guarded(work, a, b, followed)
    explanation = Explanation(
        a, b, customer_a, customer_b, fields, verdicts, parts, [],
        _path(links_of(connection, customer_a), a, b) if customer_a == customer_b else [],
        history_of(connection, (a, b)), about,
    )  # fmt: skip
    if customer_a != customer_b:
        explanation.apart = _apart(connection, explanation, policy, followed, guarded, days)
    return explanation


def links_of(connection: Connection, customer_id: str) -> list[Link]:
    """The links that hold a customer's records together, in the order of the records."""
    found = connection.execute(
        """
        select source_a, key_a, source_b, key_b, rule, strength, names, probability
        from identity.links
        join identity.customer_records as record on record.source = source_a and record.source_key = key_a
        where record.customer_id = %s
        order by source_a, key_a, source_b, key_b, rule
        """,
        (customer_id,),
    )
    return [Link(RecordKey(*row[:2]), RecordKey(*row[2:4]), *row[4:]) for row in found]


def history_of(connection: Connection, records: Iterable[RecordKey]) -> list[Change]:
    """Where these records belonged from when on, oldest first."""
    found = connection.execute(
        """
        select source, source_key, since, kind, cause, previous_customer_id, customer_id
        from identity.changes
        join unnest(%s::text[], %s::text[]) as wanted (source, source_key) using (source, source_key)
        order by since, source, source_key
        """,
        _columns(records),
    )
    return [Change(RecordKey(*row[:2]), *row[2:]) for row in found]


def _neighbours(connection: Connection, pair: tuple[RecordKey, RecordKey]) -> list[RecordKey]:
    """The pair with all that links connected with either of them in the last night."""
    found = connection.execute(
        """
        select source, source_key from identity.records
        where component in (
            select component from identity.records
            join unnest(%s::text[], %s::text[]) as pair (source, source_key) using (source, source_key)
        )
        limit %s
        """,
        (*_columns(pair), MOST_NEIGHBOURS + 1),
    ).fetchall()
    return list(pair) if len(found) > MOST_NEIGHBOURS else [*{*pair, *(RecordKey(*row) for row in found)}]


def _load(connection: Connection, work: Workspace, records: Sequence[RecordKey], followed: list[Override]) -> None:
    """Bring these records, and the decisions about them, into the workspace."""
    query = (
        f"select record.* from ({SELECT_RECORDS}) as record"
        " join unnest(%s::text[], %s::text[]) as wanted (source, source_key) using (source, source_key)"
    )
    load_records(work, read_arrow(connection, query, RECORDS, _columns(records)))
    put_overrides(work, followed)


def _columns(records: Iterable[RecordKey]) -> tuple[list[str], list[str]]:
    wanted = list(records)
    return [record.source for record in wanted], [record.source_key for record in wanted]


def _parts(work: Workspace, policy: Policy, a: RecordKey, b: RecordKey) -> list[Part]:
    """What the model says about the pair, comparison by comparison; nothing without a model."""
    rows = [row_of(work, record) for record in (a, b)]
    if policy.model is None or rows[0] is None or rows[1] is None:
        return []
    scoring = import_module("customer_warehouse.identity.scoring")  # loads Splink
    return [Part(*part) for part in scoring.explain_pair(work, policy, rows[0], rows[1])]


def _guarded(work: Workspace, a: RecordKey, b: RecordKey, followed: list[Override]) -> list[str]:
    """What guards did about the two, and the decisions in their group for which they may have done it."""
    rows = [row_of(work, record) for record in (a, b)]
    if rows[0] is None or rows[1] is None:
        return []
    pair = sorted(row for row in rows if row is not None)
    found = work.execute("select component, cluster from components where row = ? or row = ?", pair).fetchall()
    (component, cluster), (other_component, other_cluster) = found[0], found[-1]
    if component != other_component or cluster == other_cluster:
        return []
    kept = "select rule from kept where a = ? and b = ?"
    query = f"select rule from links where a = ? and b = ? and not contested except {kept} order by 1"
    dropped = [rule for (rule,) in work.execute(query, [*pair, *pair]).fetchall()]
    told = [f"A guard took away the link of {rule}: the group around it is not one person." for rule in dropped]
    if not dropped:
        told.append("Links through other records connect them, but a guard has parted the group.")
    query = "select source, source_key from records join components using (row) where component = ?"
    group = {RecordKey(*row) for row in work.execute(query, [component]).fetchall()}
    told += [
        f"Decision {override.override_id} says that two records of the group are not the same person."
        for override in followed
        if override.decision == NOT_SAME and {override.a, override.b} <= group and {override.a, override.b} != {a, b}
    ]
    return told


def _apart(
    connection: Connection, found: Explanation, policy: Policy, followed: list[Override], guarded: list[str], days: Days
) -> list[str]:
    """What holds the two apart, strongest first."""
    told = []
    for override in followed:
        if override.decision == NOT_SAME and {override.a, override.b} == {found.a, found.b}:
            told.append(
                f"Decision {override.override_id}: not the same ({override.decided_by},"
                f" {days.day(override.decided_at)}: {override.reason})."
            )
    told += guarded
    row = connection.execute(
        "select cause, since from identity.review_queue where (source_a, key_a, source_b, key_b) in"
        " ((%s, %s, %s, %s), (%s, %s, %s, %s))",
        (*found.a, *found.b, *found.b, *found.a),
    ).fetchone()
    if row is not None:
        told.append(f"The pair waits for a decision since {days.night(row[1])} (cause: {row[0]}).")
    if found.probability is not None and found.probability < policy.link_threshold:
        told.append(f"The score gives {found.probability:.3f}; a link needs {policy.link_threshold:g}.")
    linking = [verdict.rule for verdict in found.verdicts if verdict.links]
    if not linking:
        told.append("No rule links them.")
    elif not told:
        told.append(f"The tables do not show it yet: {', '.join(linking)} will link them in the next night.")
    return told


def _path(links: Iterable[Link], a: RecordKey, b: RecordKey) -> list[Link]:
    """The fewest links that lead from one record to the other; among equals the first in the order given."""
    ways: defaultdict[RecordKey, list[tuple[RecordKey, Link]]] = defaultdict(list)
    for link in links:
        ways[link.a].append((link.b, link))
        ways[link.b].append((link.a, link))
    came: dict[RecordKey, tuple[RecordKey, Link] | None] = {a: None}
    waiting = deque([a])
    while waiting and b not in came:
        record = waiting.popleft()
        for there, link in ways[record]:
            if there not in came:
                came[there] = (record, link)
                waiting.append(there)
    path, step = [], came.get(b)
    while step is not None:
        path.append(step[1])
        step = came[step[0]]
    return path[::-1]


def _compared(one: Field, other: Field) -> str:
    if one.compared is None or other.compared is None:
        return "" if one.compared == other.compared else "one only"
    return "same" if one.compared == other.compared else "different"
