"""Measures: numbers of the tables that are compared with the nights before, and kept so that later nights can learn.

What is kept is numbers, by labels that are codes (a store, a channel, a status). A label that could be anything else,
because a source has put a name or a number where a code belongs, is counted under `OTHER` and not kept.

What teaches: nights before this one whose run succeeded, measured by the same query. So a night that failed or was
degraded does not, a night run again overwrites its own numbers, and an older night run again learns only from what came
before it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from hashlib import md5
from typing import Any

import psycopg

from customer_warehouse.database import Connection, statement
from customer_warehouse.night import Night
from customer_warehouse.quality.band import WEEKDAY_DAYS, Past, band_of
from customer_warehouse.quality.expectation_files import Check, Measure, fill
from customer_warehouse.quality.targets import Outcome, Reading, Status, Target

OTHER = "(other)"
MOST_LABELS = 300
_CODE = re.compile(r"[A-Za-z0-9 _.:/()-]{1,40}")
_LIKE_A_NUMBER = re.compile(r"\d{7}|\d[ .-]?\d{3}[ .-]?\d{3}")
"""Seven digits in a row, or broken up as phone numbers are."""
History = Mapping[tuple[str, str], Mapping[date, Mapping[str, float]]]
"""By table and check: each earlier night's numbers by label."""
Numbers = Mapping[str, tuple[float | None, float | None]]
"""By label: what was observed, and for shares what it is a share of."""


def run(
    connection: Connection, night: Night, stage: str, targets: Iterable[Target], values: Mapping[str, str]
) -> Iterator[Outcome]:
    """Take every measure of `targets` and compare it with the nights before; one outcome a measure.

    `connection` is in autocommit; `values` are the SQL texts of the placeholders other than `{table}`.
    """
    known = history(connection, night, stage)
    for target in targets:
        for check in target.checks:
            if check.measure is not None:
                yield _outcome(connection, night, target, check, check.measure, values, known)


def definition(measure: Measure) -> str:
    """A short mark of what is measured: numbers of another query are not compared."""
    return md5(f"{measure.kind}:{measure.query}".encode(), usedforsecurity=False).hexdigest()[:12]


def label_of(value: object) -> str:
    """The label as it may be kept: a code, or `OTHER`."""
    if value is None:
        return "(none)"
    text = str(value)
    return text if _CODE.fullmatch(text) and not _LIKE_A_NUMBER.search(text) else OTHER


def history(connection: Connection, night: Night, stage: str) -> History:
    """What the earlier nights measured that may teach this one, by table, check (with its definition) and night."""
    rows = connection.execute(
        """
        select measures.table_name, measures.check_name || ' ' || measures.definition, runs.night, measures.label,
            measures.observed
        from ops.measures as measures
        inner join ops.runs as runs on runs.run_id = measures.run_id
        left join ops.relearned as relearned
            on relearned.table_name = measures.table_name and relearned.check_name = measures.check_name
            and relearned.from_night <= %(night)s
        where measures.stage = %(stage)s and runs.status = 'succeeded' and runs.as_of < %(as_of)s
            and runs.night >= %(night)s - %(days)s and measures.observed is not null
            and (relearned.from_night is null or runs.night >= relearned.from_night)
        """,
        {"stage": stage, "as_of": night.as_of, "night": night.date, "days": WEEKDAY_DAYS},
    ).fetchall()
    known: dict[tuple[str, str], dict[date, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for table, name, day, label, observed in rows:
        known[table, name][day][label] = float(observed)
    return known


def _outcome(
    connection: Connection,
    night: Night,
    target: Target,
    check: Check,
    measure: Measure,
    values: Mapping[str, str],
    known: History,
) -> Outcome:
    query = fill(measure.query, {**values, "table": target.source, "table_name": f"'{target.table}'"})
    try:
        with connection.transaction():
            connection.execute("set transaction read only")
            rows = connection.execute(statement(query)).fetchall()
        numbers = _numbers(measure, rows)
    except (psycopg.Error, TypeError, ValueError):
        return Outcome(target.name, check, "not_made")
    past = known.get((target.name, f"{check.name} {definition(measure)}"), {})
    readings = tuple(_readings(measure, night, numbers, past))
    return Outcome(target.name, check, _worst([reading.status for reading in readings]), readings)


def _numbers(measure: Measure, rows: list[tuple[Any, ...]]) -> Numbers:
    """The rows of a measure's query by label. Raises TypeError or ValueError when they do not have its shape."""
    width = (measure.by is not None) + 1 + (measure.kind == "share")
    if any(len(row) != width for row in rows) or (measure.by is None and len(rows) > 1):
        raise ValueError("the query does not give what the measure is declared to have")
    found: dict[str, list[float]] = {}
    for row in rows:
        label = label_of(row[0]) if measure.by else ""
        parts = [float(value) for value in row[1 if measure.by else 0 :] if value is not None]
        if len(parts) < len(row) - (measure.by is not None):
            continue
        if measure.kind == "number" and label in found:
            continue  # numbers of several labels under `OTHER` cannot be added up
        found[label] = [a + b for a, b in zip(found[label], parts, strict=True)] if label in found else parts
    if len(found) > MOST_LABELS:
        raise ValueError("so many labels are not codes")
    if measure.kind == "distribution":
        total = sum(parts[0] for parts in found.values())
        return {label: (parts[0] / total, total) for label, parts in found.items()} if total else {}
    if measure.kind == "share":
        return {label: (part / whole, whole) for label, (part, whole) in found.items() if whole}
    return {label: (parts[0], None) for label, parts in found.items()}


def _readings(
    measure: Measure, night: Night, numbers: Numbers, past: Mapping[date, Mapping[str, float]]
) -> Iterator[Reading]:
    """Each label's number beside its band; a count or part that a night does not name was 0 in that night."""
    additive = measure.by is not None and measure.kind in ("count", "distribution")
    labels = set(numbers)
    if additive and (numbers or measure.kind == "count"):
        labels |= {label for by_label in past.values() for label in by_label}
    if not labels:
        yield Reading("", "no_baseline", None)
    whole_of_all = next((whole for _, whole in numbers.values()), None)
    for label in sorted(labels):
        observed, whole = numbers.get(label, (0.0, whole_of_all))
        earlier = [
            Past(day, by_label.get(label, 0.0)) for day, by_label in past.items() if additive or label in by_label
        ]
        band = band_of(measure, night.date, earlier, whole)
        if band is None or observed is None:
            yield Reading(label, "no_baseline", observed)
        else:
            status: Status = "passed" if band.holds(observed) else "failed"
            yield Reading(label, status, observed, band.low, band.high, band.nights)


def _worst(statuses: list[Status]) -> Status:
    """A measure fails when one of its numbers does, and has a baseline when one of them has."""
    order: tuple[Status, ...] = ("failed", "passed", "no_baseline")
    return min(statuses, key=order.index)
