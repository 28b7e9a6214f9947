"""Run a data set through the nightly: its history in one go, then its last nights one by one.

It runs in a database of its own on the embedded server, made anew each time, through the same steps as the DAGs.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from customer_warehouse import pipeline
from customer_warehouse.acceptance import reconcile
from customer_warehouse.acceptance.books import Books
from customer_warehouse.acceptance.data_set import AcceptanceError, DataSet
from customer_warehouse.acceptance.reconcile import Line
from customer_warehouse.database import connect
from customer_warehouse.embedded.layout import Layout
from customer_warehouse.embedded.run import only_one
from customer_warehouse.night import Night, night_of
from customer_warehouse.settings import Settings


@dataclass(frozen=True)
class NightResult:
    """One run of the nightly and its activation, reconciled."""

    night: date
    days: int
    """Trading days it brought in; 0 when the sources do not say."""
    status: str
    """succeeded or degraded."""
    seconds: float
    stages: dict[str, float]
    """Seconds of each stage's steps, its check included."""
    figures: list[Line]
    balances: list[Line]
    isolated: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    """Checks that did not pass and do not stop the night."""

    @property
    def differences(self) -> list[Line]:
        return [line for line in [*self.figures, *self.balances] if line.difference != Decimal(0)]


def choose_nights(data_set: DataSet, trading_days: list[date], nights: int, last: date | None) -> list[date]:
    """The nights to run: the end of the history, then the last `nights` days.

    With files alone these are days that files are from, up to `last`; otherwise `last` and the calendar days before
    it. Raises AcceptanceError when the sources cannot say which nights there are.
    """
    if len(data_set.file_sources) < len(data_set.sources):
        if last is None:
            raise AcceptanceError(
                "Not all sources are files whose paths carry dates; name the last night with --last-night YYYY-MM-DD."
            )
        return [last - timedelta(days=back) for back in range(nights, -1, -1)]
    days = [day for day in trading_days if last is None or day <= last]
    if not days:
        raise AcceptanceError(f"No file is from {last} or before; the first is from {trading_days[0]}.")
    return days[-(nights + 1) :]


def settings_of(layout: Layout, data_set: DataSet) -> Settings:
    """Settings of a warehouse of the data set's own, beside the demo's."""
    state = layout.state / "acceptance" / database_name(data_set)
    return layout.settings().model_copy(
        update={
            "url": layout.server.url(database_name(data_set)),
            "state_dir": state,
            "exports_dir": state / "exports",
            "sources_dir": data_set.sources_dir,
            "business_time_zone": data_set.time_zone,
            "base_currency": data_set.currency,
        }
    )


def database_name(data_set: DataSet) -> str:
    """`acceptance_<data set>`, as PostgreSQL takes it."""
    return "acceptance_" + (re.sub(r"[^a-z0-9]+", "_", data_set.name.lower()).strip("_") or "data")[:40]


def prepare(layout: Layout, data_set: DataSet) -> Settings:
    """Start PostgreSQL where it does not run and make the data set's database and folder anew."""
    layout.prepare()
    if not layout.server.is_running():
        with only_one(layout):
            layout.server.start()
    settings = settings_of(layout, data_set)
    layout.server.drop_database(database_name(data_set))
    layout.server.create_database(database_name(data_set))
    shutil.rmtree(settings.state_dir, ignore_errors=True)
    settings.state_dir.mkdir(parents=True)
    return settings


def run(settings: Settings, data_set: DataSet, books: Books, nights: list[date]) -> Iterator[NightResult]:
    """Run the nights in their order, the first with all history before it, and reconcile after each.

    What the steps print goes to `run.log` in the state folder. Raises StageError when a night stops.
    """
    trading_days = books.days()
    before: date | None = None
    for day in nights:
        night = night_of(day, data_set.time_zone)
        started = time.monotonic()
        with (
            _environment(data_set.environment),
            log_of(settings).open("a", encoding="utf-8") as log,
            redirect_stdout(log),
        ):
            status = pipeline.run_night(settings, night)
            pipeline.run_activation(settings, night)
        seconds = time.monotonic() - started
        stages, warnings = _ledger(settings, night)
        yield NightResult(
            night=day,
            days=sum(1 for other in trading_days if other <= day and (before is None or other > before)),
            status=status,
            seconds=seconds,
            stages=stages,
            figures=reconcile.figures(settings, books, night),
            balances=reconcile.balances(settings, data_set, books, night),
            isolated=reconcile.isolated(settings, night),
            warnings=warnings,
        )
        before = day


def _ledger(settings: Settings, night: Night) -> tuple[dict[str, float], list[str]]:
    """Seconds of each stage, and the checks that warned."""
    runs = [night.run_id, pipeline.activation_night(settings, night.date).run_id]
    with connect(settings.url) as connection:
        seconds = connection.execute(
            "select stage, sum(extract(epoch from finished_at - started_at))::float8 from ops.steps"
            " where run_id = any(%s) group by stage order by min(step_id)",
            (runs,),
        ).fetchall()
        warnings = connection.execute(
            "select table_name || ': ' || check_name from ops.checks where run_id = any(%s)"
            " and status in ('failed', 'not_made') order by 1",
            (runs,),
        ).fetchall()
    return dict(seconds), [text for (text,) in warnings]


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set environment variables while the block runs; declarations read them."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def log_of(settings: Settings) -> Path:
    """Where the steps' own output went."""
    return settings.state_dir / "run.log"
