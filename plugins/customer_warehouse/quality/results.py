"""What the ledger keeps of checks: the results of each run, the numbers they measured, and how both went over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from customer_warehouse.database import connect
from customer_warehouse.night import Night
from customer_warehouse.quality.measures import definition
from customer_warehouse.quality.targets import Outcome, Reading


def record(url: str, night: Night, stage: str, outcomes: Sequence[Outcome], held: Mapping[str, list[str]]) -> None:
    """Replace the run's results of this stage, and its numbers."""
    with connect(url) as connection, connection.cursor() as cursor:
        for table in ("checks", "measures"):
            cursor.execute(f"delete from ops.{table} where run_id = %s and stage = %s", (night.run_id, stage))
        cursor.executemany(
            """
            insert into ops.checks (run_id, stage, table_name, check_name, severity, status, observed, low, high,
                nights, label, held, why, what_to_do)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            """,
            [_check_row(night, stage, outcome, held.get(outcome.key)) for outcome in outcomes],
        )
        cursor.executemany(
            """
            insert into ops.measures (run_id, stage, table_name, check_name, definition, label, status, observed, low,
                high, nights)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            """,
            [row for outcome in outcomes for row in _measure_rows(night, stage, outcome)],
        )


def _check_row(night: Night, stage: str, outcome: Outcome, held: list[str] | None) -> tuple[Any, ...]:
    check, worst = outcome.check, outcome.worst
    numbers = (worst.observed, worst.low, worst.high, worst.nights, worst.label) if worst else (None,) * 5
    return (
        *(night.run_id, stage, outcome.table, check.name, check.severity, outcome.status),
        *(*numbers, held, check.why, check.what_to_do),
    )


def _measure_rows(night: Night, stage: str, outcome: Outcome) -> list[tuple[Any, ...]]:
    check = outcome.check
    if check.measure is None:
        return []
    named = (night.run_id, stage, outcome.table, check.name, definition(check.measure))
    return [
        (*named, reading.label, reading.status, reading.observed, reading.low, reading.high, reading.nights)
        for reading in outcome.readings
    ]


def trend(url: str, table: str, check: str, last: int) -> list[tuple[date, str, Reading]]:
    """How a check went in the last nights, oldest first: the night, its run's status, and the reading of each label.

    A check that is no measure has a reading without a number.
    """
    with connect(url) as connection:
        rows = connection.execute(
            """
            with nights as (
                select runs.night, runs.status as run_status, checks.*
                from ops.checks as checks
                inner join ops.runs as runs on runs.run_id = checks.run_id
                where checks.table_name = %(table)s and checks.check_name = %(check)s
                order by runs.night desc
                limit %(last)s
            )
            select nights.night, nights.run_status, coalesce(measures.label, ''),
                coalesce(measures.status, nights.status), measures.observed, measures.low, measures.high,
                coalesce(measures.nights, 0)
            from nights
            left join ops.measures as measures
                on measures.run_id = nights.run_id and measures.table_name = nights.table_name
                and measures.check_name = nights.check_name
            order by nights.night, 3
            """,
            {"table": table, "check": check, "last": last},
        ).fetchall()
    return [(night, status, Reading(*reading)) for night, status, *reading in rows]


def relearn(url: str, table: str, check: str, from_night: date) -> None:
    """Accept that a measure has another level from this night on: the nights before it teach no more."""
    with connect(url) as connection:
        connection.execute(
            "insert into ops.relearned (table_name, check_name, from_night) values (%s, %s, %s)"
            " on conflict (table_name, check_name) do update set from_night = excluded.from_night",
            (table, check, from_night),
        )
