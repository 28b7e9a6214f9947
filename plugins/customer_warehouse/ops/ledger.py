"""The run ledger: every stage says here what it took, gave, rejected and how it ended.

A step writes through a connection of its own, so its counts can be watched while the work's transaction is open and
survive when that work is rolled back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from customer_warehouse.database import Connection, connect, statement, writer
from customer_warehouse.night import Night

SCHEMA = Path(__file__).with_name("schema.sql")
NIGHTLY = "nightly_customer_warehouse"
ACTIVATION = "segment_activation"
REPLAY = "rejects_replay"
WRITERS = (NIGHTLY, REPLAY)
"""Runs that change the same tables, so never two of them at once."""


class StageError(Exception):
    """A stage that must stop the night. The message is one sentence, says what to do, and holds no personal data."""


@dataclass
class Step:
    """A running step; the stage adds to its counts and calls `progress` now and then."""

    connection: Connection
    step_id: int
    rows_in: int = 0
    rows_out: int = 0
    rows_rejected: int = 0
    rows_duplicate: int = 0
    detail: dict[str, Any] = field(default_factory=dict)
    degraded: str | None = None
    """Set to one sentence when the step ended well enough to go on, but not as it should."""

    def progress(self, status: str = "running", message: str | None = None) -> None:
        """Write the counts as they stand."""
        self.connection.execute(
            """
            update ops.steps
            set status = %s, rows_in = %s, rows_out = %s, rows_rejected = %s, rows_duplicate = %s, detail = %s,
                message = %s, finished_at = case when %s = 'running' then null else clock_timestamp() end
            where step_id = %s
            """,
            (
                status,
                self.rows_in,
                self.rows_out,
                self.rows_rejected,
                self.rows_duplicate,
                json.dumps(self.detail),
                message,
                status,
                self.step_id,
            ),
        )


def prepare(url: str) -> None:
    """Create the schemas and the ledger's tables where they are missing."""
    with connect(url, autocommit=True) as connection, writer(connection, "schema"):
        connection.execute(statement(SCHEMA.read_text(encoding="utf-8")))


@contextmanager
def step(url: str, night: Night, stage: str, name: str) -> Iterator[Step]:
    """Record one step of `stage` while the block runs.

    An exception marks the step failed, with the message of a StageError or only the type of anything else (a
    driver's message may quote a row), and goes on to the caller.
    """
    with connect(url, autocommit=True) as connection:
        row = connection.execute(
            "insert into ops.steps (run_id, stage, step, status) values (%s, %s, %s, 'running') returning step_id",
            (night.run_id, stage, name),
        ).fetchone()
        assert row is not None
        current = Step(connection, row[0])
        try:
            yield current
        except BaseException as error:
            current.progress("failed", str(error) if isinstance(error, StageError) else type(error).__name__)
            raise
        current.progress("degraded" if current.degraded else "succeeded", current.degraded)


def open_run(url: str, night: Night, dag_id: str = NIGHTLY) -> None:
    """Start the run in the ledger, or start it again: the steps and checks of an earlier attempt are replaced.

    Raises StageError when another run is still at work in this warehouse: two nights must not mix.
    """
    rivals = list(WRITERS if dag_id in WRITERS else (dag_id,))
    with connect(url) as connection:
        connection.execute("select pg_advisory_xact_lock(hashtextextended('customer_warehouse:open_run', 0))")
        other = connection.execute(
            """
            select run_id from ops.runs
            where status = 'running' and run_id <> %s and dag_id = any(%s)
                and greatest(
                    started_at,
                    (select max(coalesce(finished_at, started_at)) from ops.steps where steps.run_id = runs.run_id)
                ) > clock_timestamp() - interval '30 minutes'
            """,
            (night.run_id, rivals),
        ).fetchone()
        if other:
            raise StageError(
                f"Run {other[0]} is still at work in this warehouse; wait for it, or stop it and mark it failed with"
                f" `python -m customer_warehouse runs close {other[0]}`."
            )
        connection.execute(
            "update ops.runs set status = 'failed', finished_at = clock_timestamp(),"
            " message = 'abandoned: another run took over'"
            " where status = 'running' and run_id <> %s and dag_id = any(%s)",
            (night.run_id, rivals),
        )
        connection.execute("delete from ops.steps where run_id = %s", (night.run_id,))
        connection.execute("delete from ops.checks where run_id = %s", (night.run_id,))
        connection.execute("delete from ops.conservation where run_id = %s", (night.run_id,))
        connection.execute(
            """
            insert into ops.runs (run_id, dag_id, night, as_of, status) values (%s, %s, %s, %s, 'running')
            on conflict (run_id) do update
            set status = 'running', started_at = clock_timestamp(), finished_at = null, message = null
            """,
            (night.run_id, dag_id, night.date, night.as_of),
        )


def close_run(url: str, run_id: str, *, failed: bool, message: str | None = None) -> str:
    """End the run: failed, degraded when a step of it was, else succeeded. Returns the status written."""
    with connect(url) as connection:
        connection.execute(
            "update ops.steps set status = 'failed', finished_at = clock_timestamp(), message = 'killed'"
            " where run_id = %s and status = 'running'",
            (run_id,),
        )
        rows = connection.execute(
            "select distinct on (stage, step) status, stage, step, message from ops.steps where run_id = %s"
            " order by stage, step, step_id desc",
            (run_id,),
        ).fetchall()
        problems = [
            f"{stage} / {name}: {text or status}" for status, stage, name, text in rows if status != "succeeded"
        ]
        degraded = any(status == "degraded" for status, *_ in rows)
        status = "failed" if failed else "degraded" if degraded else "succeeded"
        connection.execute(
            "update ops.runs set status = %s, finished_at = clock_timestamp(), message = %s where run_id = %s",
            (status, message or "; ".join(problems) or None, run_id),
        )
        return status
