"""The audit between writing and publishing: a batch may be shown only when every border before it was passed.

It trusts no caller to have run the checks. A check that was never made, was killed, was made before the tables it
speaks of were written again, or was declared after it should have been made, is as good as failed.
"""

from __future__ import annotations

from collections.abc import Iterator

from customer_warehouse.database import Connection
from customer_warehouse.night import Night
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.quality.expectation_files import STAGE_SCHEMAS
from customer_warehouse.quality.stage import declared, tables_of
from customer_warehouse.settings import Settings

BEFORE_PUBLISHING = tuple(stage for stage in STAGE_SCHEMAS if stage != "activation")


def require(settings: Settings, connection: Connection, night: Night) -> None:
    """Raises StageError when any border of the run was not passed, saying which and what to do."""
    for problem in (
        _refused(connection, night),
        _unchecked(connection, night),
        ", ".join(_unanswered(settings, connection, night)),
    ):
        if problem:
            raise StageError(f"Nothing is published: {problem}; mend the cause and run the night again.")


def held_segments(connection: Connection, night: Night) -> dict[str, str]:
    """The segments that this run's failed checks hold, each with the reason."""
    rows = connection.execute(
        "select segment, string_agg(table_name || ' ' || check_name, ', ' order by table_name, check_name)"
        " from ops.checks cross join unnest(held) as segment"
        " where run_id = %s and severity = 'hold' and status in ('failed', 'not_made') group by segment",
        (night.run_id,),
    ).fetchall()
    return {segment: f"{names} failed" for segment, names in rows}


def _refused(connection: Connection, night: Night) -> str:
    """The critical checks that did not pass."""
    rows = connection.execute(
        "select stage || ' / ' || check_name from ops.checks where run_id = %s and severity = 'critical'"
        " and status in ('failed', 'not_made') order by 1",
        (night.run_id,),
    ).fetchall()
    return f"critical checks of this run did not pass ({', '.join(name for (name,) in rows)})" if rows else ""


def _unchecked(connection: Connection, night: Night) -> str:
    """The first stage whose last check did not end well, or came before what it speaks of was written."""
    steps = connection.execute(
        "select stage, step = 'check', status, step_id from ops.steps where run_id = %s and step <> 'publish'"
        " order by step_id",
        (night.run_id,),
    ).fetchall()
    checked = 0
    for stage in BEFORE_PUBLISHING:
        work = [step_id for name, is_check, _, step_id in steps if name == stage and not is_check]
        checks = [(step_id, status) for name, is_check, status, step_id in steps if name == stage and is_check]
        if not checks or checks[-1][1] != "succeeded":
            return f"the checks after {stage} were not made to their end"
        if work and max(work) < checked:
            return f"{stage} was written before the checks it stands on"
        if work and max(work) > checks[-1][0]:
            return f"{stage} was written again after its checks"
        checked = checks[-1][0]
    return ""


def _unanswered(settings: Settings, connection: Connection, night: Night) -> Iterator[str]:
    """The declared checks that could stop or hold something and have no result."""
    answered = {
        (table, name)
        for table, name in connection.execute(
            "select table_name, check_name from ops.checks where run_id = %s", (night.run_id,)
        ).fetchall()
    }
    for stage in BEFORE_PUBLISHING:
        for file in declared(settings, stage):
            for table in tables_of(connection, file):
                for check in file.checks:
                    if check.severity != "warn" and (f"{file.schema_name}.{table}", check.name) not in answered:
                        yield f"{stage} / {check.name} has no result"
