"""The embedded run: start what is missing, run a night through Airflow, and say what it did."""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from rich.console import Console

from customer_warehouse import pipeline
from customer_warehouse.database import connect, scalar
from customer_warehouse.embedded import airflow, demo_world, processes, report
from customer_warehouse.embedded.airflow_api import AirflowApi, DagRun, wait_until
from customer_warehouse.embedded.keys import USER, load_keys
from customer_warehouse.embedded.layout import WAREHOUSE_DATABASE, EmbeddedError, Layout
from customer_warehouse.embedded.progress import Progress
from customer_warehouse.embedded.summary import Summary, print_summary, summarise
from customer_warehouse.night import Night, last_complete_night, night_of
from customer_warehouse.ops import ledger
from customer_warehouse.settings import Settings

PAUSE = 0.5
"""Seconds between two looks at a run."""


class Clock:
    """Seconds each part of the command took, and all of it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._started = time.monotonic()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = time.monotonic() - started

    def all(self) -> dict[str, float]:
        return {**self.seconds, "total": time.monotonic() - self._started}


def run(layout: Layout, day: date | None, people: int | None, console: Console) -> Summary:
    """Run the night of `day` (default: the last complete one) and the activation it causes, through Airflow.

    Services that are up are used as they are, and all stay up. A night that fails is in the summary; EmbeddedError,
    ServerError and StageError are raised when it could not even be started.
    """
    settings = layout.settings()
    night = chosen_night(settings, day)
    clock = Clock()
    with only_one(layout):
        start(layout, clock, console, (night, people))
        api = airflow.client(layout)
        try:
            with clock.part("nightly and activation"):
                cause = run_night(settings, layout, api, night, console)
        finally:
            api.close()
    places = {
        "files": str(settings.exports_dir),
        "marts": f"schema marts of {settings.url} (make psql)",
        "report": str(layout.reports / f"{night.date}.html"),
        "Airflow": f"{layout.airflow_url} (user {USER}; `make ui` shows the password)",
        "services": "stay up; `make stop` stops them",
    }
    summary = summarise(settings, night, clock.all(), places, cause)
    report.write(summary, layout.reports / f"{night.date}.html")
    return summary


def chosen_night(settings: Settings, day: date | None) -> Night:
    """The night of `day`, or the last complete one. Raises EmbeddedError for a day that is not over yet."""
    last = last_complete_night(datetime.now(UTC), settings.business_time_zone)
    if day is None:
        return last
    if day > last.date:
        raise EmbeddedError(f"The day {day} is not over yet in {settings.business_time_zone}; the last is {last.date}.")
    return night_of(day, settings.business_time_zone)


def start(layout: Layout, clock: Clock, console: Console, world: tuple[Night, int | None] | None = None) -> None:
    """Start PostgreSQL and Airflow where they do not run, and bring the demo's sources to the night of `world`."""
    _stop_what_differs(layout, console)
    console.print("Starting PostgreSQL …", highlight=False)
    with clock.part("PostgreSQL"):
        layout.server.start()
        layout.server.create_database(WAREHOUSE_DATABASE)
        ledger.prepare(layout.settings().url)
    with ThreadPoolExecutor(2) as pool:
        console.print("Starting Airflow and the demo's sources …", highlight=False)
        for wait in (pool.submit(_start_airflow, layout, clock), pool.submit(_start_demo, layout, clock, world)):
            wait.result()


def _stop_what_differs(layout: Layout, console: Console) -> None:
    """Stop services that were started with other settings, ports or packages than the ones asked for now."""
    started = layout.run / "started-with"
    now = airflow.fingerprint(layout)
    if started.exists() and started.read_text(encoding="utf-8") != now and is_anything_up(layout):
        console.print("Settings, ports or packages have changed: restarting the services.", highlight=False)
        stop(layout, console)
    started.write_text(now, encoding="utf-8")


def is_anything_up(layout: Layout) -> bool:
    """Whether any service of this state folder runs."""
    return layout.server.is_running() or any(processes.running(file) for file in layout.run.glob("*.pid"))


def _start_airflow(layout: Layout, clock: Clock) -> None:
    with clock.part("Airflow"):
        if not airflow.is_up(layout):
            airflow.migrate(layout)
            airflow.start(layout)
        api = airflow.client(layout)
        try:
            airflow.wait_healthy(layout, api)
            for dag_id in (ledger.NIGHTLY, ledger.ACTIVATION):
                _wait_for_dag(api, dag_id)
        finally:
            api.close()


def _start_demo(layout: Layout, clock: Clock, world: tuple[Night, int | None] | None) -> None:
    with clock.part("demo sources"):
        if world:
            demo_world.start(layout, *world)
        else:
            demo_world.serve(layout)


def _wait_for_dag(api: AirflowApi, dag_id: str) -> None:
    """Wait until Airflow has read the DAG, and take its pause off."""
    wait_until(lambda: api.knows(dag_id) or bool(api.import_errors()), 60)
    # A DAG that was read before stays known when its file is broken now; running the old one would mislead.
    errors = api.import_errors()
    if errors or not api.knows(dag_id):
        problem = errors[0] if errors else "no file in dags/ defines it"
        raise EmbeddedError(f"Airflow cannot load the DAG {dag_id}: {problem}")
    api.unpause(dag_id)


def run_night(settings: Settings, layout: Layout, api: AirflowApi, night: Night, console: Console) -> str | None:
    """Run both DAGs for the night with live progress; the cause when one failed, or None."""
    activation = pipeline.activation_night(settings, night.date)
    with connect(settings.url) as connection:
        before = scalar(connection, "select coalesce(max(step_id), 0) from ops.steps")
    asked = datetime.now(UTC)
    nightly = begin(settings, api, night)
    progress = Progress(settings.url, [night.run_id, activation.run_id], console, before)
    with progress.shown():
        nightly = _follow(api, nightly, progress)
        if nightly.state != "success":
            return cause_of(settings, layout, api, nightly, night.run_id)
        caused = _caused(api, asked)
        if caused is None:
            return f"The nightly has published, but no run of {ledger.ACTIVATION} followed; see {layout.logs}."
        caused = _follow(api, caused, progress)
    return None if caused.state == "success" else cause_of(settings, layout, api, caused, activation.run_id)


def begin(settings: Settings, api: AirflowApi, night: Night) -> DagRun:
    """Start the nightly run of the night, or the one there is again from its first task."""
    # The data interval starts where the night before ended; a day with a clock change is not 24 hours long.
    start = night_of(night.date - timedelta(days=1), settings.business_time_zone).as_of
    made = api.trigger(ledger.NIGHTLY, night.run_id, start, night.as_of)
    if made:
        return made
    # The schedule's run of the same night has another id.
    found = api.run(ledger.NIGHTLY, night.run_id) or api.run_for(ledger.NIGHTLY, start)
    if found is None:
        raise EmbeddedError(f"Airflow will not start a run of {night.date} and knows none; see its UI.")
    api.run_again(found)
    return DagRun(found.dag_id, found.run_id, "queued")


def cause_of(settings: Settings, layout: Layout, api: AirflowApi, run: DagRun, run_id: str) -> str:
    """One sentence on why the run failed: the ledger's word where it has one, else the failed task and its log."""
    with connect(settings.url) as connection:
        row = connection.execute(
            """
            select stage, step, message from ops.steps as failed
            where run_id = %s and status = 'failed'
                and step_id = (select max(step_id) from ops.steps where run_id = failed.run_id
                    and stage = failed.stage and step = failed.step)
            order by step_id limit 1
            """,
            (run_id,),
        ).fetchone()
    tasks = [task for task in api.failed_tasks(run) if not task[0].startswith("close_")]
    log = _log_of(layout, run, *tasks[0]) if tasks else layout.logs
    if row and " " in (row[2] or ""):
        return f"{row[0]} / {row[1]}: {row[2]}"
    if row:
        return f"{row[0]} / {row[1]} failed unexpectedly ({row[2]}); see {log}."
    if tasks:
        return f"The task {tasks[0][0]} failed before it could say why; see {log}."
    return f"The run {run.run_id} of {run.dag_id} ended as {run.state}; see {log}."


def _log_of(layout: Layout, run: DagRun, task_id: str, attempt: int) -> Path:
    folder = layout.logs / "airflow" / f"dag_id={run.dag_id}" / f"run_id={run.run_id}" / f"task_id={task_id}"
    return folder / f"attempt={attempt}.log"


def _follow(api: AirflowApi, run: DagRun, progress: Progress) -> DagRun:
    """Wait for the run's end, with progress."""
    while True:
        current = api.run(run.dag_id, run.run_id)
        if current is None:
            raise EmbeddedError(f"The run {run.run_id} of {run.dag_id} is gone from Airflow; run the night again.")
        progress.update()
        if current.finished:
            return current
        time.sleep(PAUSE)


def _caused(api: AirflowApi, since: datetime) -> DagRun | None:
    """The activation run that publishing has started; Airflow makes it within seconds."""
    found: list[DagRun] = []

    def started() -> bool:
        run = api.started_by_asset(ledger.ACTIVATION, since)
        found.extend([run] if run else [])
        return bool(found)

    return found[0] if wait_until(started, 60) else None


@contextmanager
def only_one(layout: Layout) -> Iterator[None]:
    """Hold the state folder while the block runs. Raises EmbeddedError when another command holds it."""
    layout.prepare()
    with (layout.state / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EmbeddedError(
                f"Another command is at work in {layout.state}; wait for it, or choose another folder with"
                " WAREHOUSE_STATE_DIR=…"
            ) from None
        yield


def show(summary: Summary, console: Console, file: Path | None) -> None:
    """Print the summary, and write it to `file` as JSON when one is named."""
    print_summary(summary, console)
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(summary.as_dict(), indent=2, default=str, ensure_ascii=False), encoding="utf-8")


def ui(layout: Layout, console: Console) -> None:
    """Start Airflow where it does not run, and print where it is and how to get in."""
    with only_one(layout):
        start(layout, Clock(), console)
    console.print(f"Airflow:  {layout.airflow_url}", highlight=False)
    console.print(f"User:     {USER}", highlight=False)
    console.print(f"Password: {load_keys(layout.keys).admin_password}", highlight=False, markup=False)
    console.print("It stays up; `make stop` stops it.", highlight=False)


def stop(layout: Layout, console: Console) -> None:
    """Stop everything that runs in this state folder: Airflow, the demo's sources, PostgreSQL."""
    names = [*airflow.stop(layout), *demo_world.stop(layout)]
    if layout.server.is_running():
        layout.server.stop()
        names.append("PostgreSQL")
    console.print(f"Stopped {', '.join(names)}." if names else "Nothing was running.", highlight=False)


def reset(layout: Layout, console: Console) -> None:
    """Stop everything and delete the state folder. Raises EmbeddedError when the folder is not ours."""
    if layout.state.exists():
        layout.require_ours()
        stop(layout, console)
    console.print(f"Deleted {layout.state}." if layout.remove() else "There was nothing to delete.", highlight=False)
