"""Live progress of a night in the terminal, read from the run ledger alone.

At a terminal it is one table that changes in place, a row per step. Elsewhere it is plain lines, one when a step
starts to count and one when it ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from customer_warehouse.database import connect

COLOURS = {"succeeded": "green", "running": "cyan", "degraded": "yellow", "failed": "bold red"}


@dataclass(frozen=True)
class StepRow:
    """One step of a run as the ledger has it now."""

    step_id: int
    stage: str
    step: str
    status: str
    rows_in: int
    rows_out: int
    rows_rejected: int
    rows_duplicate: int
    seconds: float
    message: str | None
    detail: dict[str, Any]

    @property
    def rate(self) -> float:
        """Rows taken in per second."""
        return self.rows_in / self.seconds if self.seconds > 0 else 0.0


def read_steps(url: str, run_ids: Sequence[str]) -> list[StepRow]:
    """The last attempt of every step of these runs, in the order in which they started."""
    with connect(url) as connection:
        rows = connection.execute(
            """
            select step_id, stage, step, status, rows_in, rows_out, rows_rejected, rows_duplicate,
                extract(epoch from coalesce(finished_at, clock_timestamp()) - started_at)::float8, message, detail
            from ops.steps
            where run_id = any(%s) and step_id in (
                select max(step_id) from ops.steps where run_id = any(%s) group by run_id, stage, step
            )
            order by step_id
            """,
            (list(run_ids), list(run_ids)),
        ).fetchall()
    return [StepRow(*row) for row in rows]


class Progress:
    """Shows the steps of some runs while they happen; `update` is cheap and may be called often."""

    def __init__(self, url: str, run_ids: Sequence[str], console: Console, after_step: int = 0) -> None:
        self._url = url
        self._run_ids = list(run_ids)
        self._console = console
        self._after_step = after_step
        """Steps up to this id belong to an earlier run of the same night."""
        self._said: dict[int, str] = {}
        self._live: Live | None = None

    @contextmanager
    def shown(self) -> Iterator[Progress]:
        """Show progress while the block runs; the last state stays on the screen."""
        if not self._console.is_terminal:
            yield self
            self.update()
            return
        with Live(console=self._console, refresh_per_second=4) as live:
            self._live = live
            try:
                yield self
                self.update()
            finally:
                self._live = None

    def update(self) -> None:
        """Read the ledger and show what is new. A ledger that does not answer just now is left for the next time."""
        try:
            steps = [step for step in read_steps(self._url, self._run_ids) if step.step_id > self._after_step]
        except psycopg.Error:
            return
        if self._live:
            self._live.update(steps_table(steps))
            return
        for step in steps:
            if self._said.get(step.step_id) != step.status:
                self._said[step.step_id] = step.status
                self._console.print(_line(step), highlight=False, markup=False, soft_wrap=True)


def steps_table(steps: Sequence[StepRow]) -> Table:
    """The steps as a table for a terminal."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("stage", "step"):
        table.add_column(name, no_wrap=True)
    for name in ("in", "out", "rejected", "rows/s", "elapsed"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    stage = ""
    for step in steps:
        colour = COLOURS.get(step.status, "")
        table.add_row(
            step.stage if step.stage != stage else "",
            escape(step.step),
            f"{step.rows_in:,}",
            f"{step.rows_out:,}",
            f"{step.rows_rejected:,}",
            f"{step.rate:,.0f}",
            f"{step.seconds:.1f} s",
            f"[{colour}]{step.status}[/]",
        )
        stage = step.stage
    return table


def _line(step: StepRow) -> str:
    name = f"{step.stage} / {step.step}: {step.status}"
    if step.status == "running":
        return name
    counts = f"{step.rows_in:,} in, {step.rows_out:,} out, {step.rows_rejected:,} rejected"
    said = f"{name}; {counts}; {step.rate:,.0f} rows/s; {step.seconds:.1f} s"
    return f"{said}; {step.message}" if step.message else said
