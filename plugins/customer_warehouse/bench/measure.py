"""Measure the stages one after the other, each in processes of its own and on a fresh copy of what comes before it."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from customer_warehouse.acceptance.books import delivered
from customer_warehouse.acceptance.data_set import DataSet
from customer_warehouse.bench import floor
from customer_warehouse.bench.stages import STAGES, Stage, files_stage
from customer_warehouse.database import Connection, connect, quoted, scalar, statement
from customer_warehouse.demo.shop_api import ShopServer
from customer_warehouse.embedded.layout import SHOP_TOKEN, EmbeddedError, Layout
from customer_warehouse.embedded.run import only_one
from customer_warehouse.extract.declaration import Source, load_source
from customer_warehouse.night import Night, night_of
from customer_warehouse.ops import ledger
from customer_warehouse.settings import PROJECT, Settings

NIGHT = date(2026, 11, 21)
"""The demo's night that is measured; any other is as good."""
CUSTOMERS = "of it customers"
VALUES = {"customer formats": "format", "customer values": "all"}
"""Which columns of a customer record are standardised, by the name of the measurement."""
VALUE_SIZES = (100_000, 1_000_000)
STATE, WORK, DESK, SCRATCH = "bench_state", "bench_work", "bench_desk", "bench_floor"


@dataclass(frozen=True)
class Measured:
    """A stage's figures; seconds are medians, memory is the largest."""

    name: str
    unit: str
    rows: int
    seconds: float
    """The work alone, with everything imported."""
    total_seconds: float | None = None
    """The whole process, from starting the interpreter to its end."""
    import_seconds: float | None = None
    processor_seconds: float | None = None
    """Of Python, dbt and PostgreSQL together: what one core alone would take."""
    peak_mib: float | None = None
    """Of the Python process or dbt's, whichever was larger; PostgreSQL's is not in it."""
    floor_seconds: float | None = None
    floor_processor_seconds: float | None = None
    floor_bytes: int = 0
    repeats: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.rows / self.seconds if self.seconds else 0.0

    @property
    def rate_of_a_core(self) -> float:
        """Rows a second of one core, by processor time."""
        return self.rows / self.processor_seconds if self.processor_seconds else 0.0

    @property
    def processor_ratio(self) -> float | None:
        """The work's processor seconds by the floor's."""
        if not self.processor_seconds or not self.floor_processor_seconds:
            return None
        return self.processor_seconds / self.floor_processor_seconds

    @property
    def ratio(self) -> float | None:
        """The work's seconds by the floor's."""
        return self.seconds / self.floor_seconds if self.floor_seconds else None


class Bench:
    """One measuring run on the embedded server."""

    def __init__(self, layout: Layout, people: int, repeats: int, say: Callable[[str], None]) -> None:
        self.layout = layout
        self.people = people
        self.repeats = repeats
        self.say = say
        self.folder = layout.state / "bench"
        self.world = self.folder / f"world-{people}"

    def start(self) -> None:
        """Start PostgreSQL where it does not run."""
        self.layout.prepare()
        if not self.layout.server.is_running():
            with only_one(self.layout):
                self.layout.server.start()

    def demo(self, only: str | None) -> Iterator[Measured]:
        """Measure the stages over the demo's world, or the one named; those before it run once, unmeasured.

        Raises EmbeddedError when the world cannot be made or a stage fails.
        """
        with self._sources() as line:
            for stage in STAGES:
                wanted = only is None or stage.name.startswith(only)
                measured = self._stage(stage, *line, measure=wanted)
                if wanted:
                    yield from measured
                    if only:
                        return

    @contextmanager
    def _sources(self) -> Iterator[tuple[Settings, Night, dict[str, str], Source]]:
        """The demo's systems as of the night, and an empty warehouse: what `_stage` takes besides the stage."""
        self._prepare_world()
        server = self.layout.server
        with ExitStack() as stack:
            for database in (STATE, WORK, SCRATCH):
                server.drop_database(database)
                stack.callback(server.drop_database, database)
            stack.callback(server.drop_database, DESK)
            server.create_database(SCRATCH)
            server.create_database(STATE)
            shop = stack.enter_context(ShopServer(self.world / "current" / "shop.sqlite", SHOP_TOKEN))
            variables = {
                "SHOP_PLATFORM_URL": shop.url,
                "SHOP_PLATFORM_TOKEN": SHOP_TOKEN,
                "POINT_OF_SALE_URL": (self.world / "till").as_uri(),
                "SERVICE_DESK_URL": server.url(DESK, "postgresql+psycopg2"),
            }
            settings = self._settings(self.layout.settings(), STATE)
            night = night_of(NIGHT, settings.business_time_zone)
            ledger.prepare(settings.url)
            ledger.open_run(settings.url, night)
            yield settings, night, variables, load_source(settings.sources_dir, "point_of_sale", variables)

    def files(self, data_set: DataSet) -> Iterator[Measured]:
        """Measure extract and landing of a data set's sources of files, all its days in one go."""
        server = self.layout.server
        with ExitStack() as stack:
            for database in (STATE, WORK, SCRATCH):
                server.drop_database(database)
                stack.callback(server.drop_database, database)
            server.create_database(SCRATCH)
            for source in data_set.file_sources:
                server.drop_database(STATE)
                server.create_database(STATE)
                settings = self._settings(self.layout.settings(), STATE).model_copy(
                    update={
                        "sources_dir": data_set.sources_dir,
                        "business_time_zone": data_set.time_zone,
                        "base_currency": data_set.currency,
                    }
                )
                last = max(file.day for entity in source.entities for file in delivered(source, entity))
                night = night_of(last, data_set.time_zone)
                ledger.prepare(settings.url)
                ledger.open_run(settings.url, night)
                stage = files_stage(source.source)
                yield from self._stage(stage, settings, night, data_set.environment, source, measure=True)

    def values(self, settings: Settings) -> Iterator[Measured]:
        """Measure standardising customer records without a database, few and many of them, in turn."""
        runs: dict[tuple[str, int], list[dict[str, Any]]] = {}
        for _ in range(self.repeats):
            for size in VALUE_SIZES:
                for name, columns in VALUES.items():
                    self.say(f"{name}, {size:,} records …")
                    command = [sys.executable, "-m", "customer_warehouse.bench.values", columns, str(size)]
                    command.append(str(settings.processes))
                    runs.setdefault((name, size), []).append(self._run(command, {}, name))
        for (name, size), measured in runs.items():
            yield Measured(
                f"{name}, {size:,}",
                "records",
                measured[0]["records"],
                seconds=statistics.median(run["seconds"] for run in measured),
                processor_seconds=statistics.median(run["processor"] for run in measured),
                peak_mib=max(run["peak_mib"] for run in measured),
                repeats=[round(run["seconds"], 3) for run in measured],
            )

    def _stage(
        self,
        stage: Stage,
        settings: Settings,
        night: Night,
        variables: dict[str, str],
        files: Source,
        *,
        measure: bool,
    ) -> list[Measured]:
        """Run the stage as often as asked, each time from the same state; the last time becomes the next state."""
        runs: list[dict[str, Any]] = []
        floors: list[floor.Floor] = []
        customers: list[tuple[float, float]] = []
        rows, people = 0, 0
        for _ in range(self.repeats if measure else 1):
            if measure:
                floors += self._floor(stage, settings.url, files)
            database = WORK if measure and self.repeats > 1 else STATE
            if database == WORK:
                self.layout.server.drop_database(WORK)
                self.layout.server.create_database(WORK, STATE)
            here = self._settings(settings, database)
            with connect(here.url, autocommit=True) as connection:
                connection.execute("checkpoint")
            self.say(f"{stage.name} …")
            runs.append(self._child(stage, here, night, variables, files.source))
            with connect(here.url) as connection:
                rows = _rows(connection, stage)
                if stage.name == "standardise":
                    people, seconds = _customers(connection)
                    customers.append((seconds, runs[-1]["steps"]["standardise customers"]))
        if database == WORK:
            self._rename()
        if not measure:
            return []
        result = _measured(stage.name, stage.unit, rows, runs, floors)
        if customers:
            return [result, _customer_part(people, customers)]
        return [result]

    def _floor(self, stage: Stage, url: str, files: Source) -> list[floor.Floor]:
        scratch = self.layout.server.url(SCRATCH)
        if stage.takes:
            return [floor.of_tables(url, scratch, self._postmaster(), stage.takes)]
        return [floor.of_files(scratch, self._postmaster(), files)] if stage.name.endswith(" files") else []

    def _child(
        self, stage: Stage, settings: Settings, night: Night, variables: dict[str, str], source: str
    ) -> dict[str, Any]:
        """Run the stage in a fresh process; what it measured, and `total`: the seconds of the whole process."""
        command = [sys.executable, "-m", "customer_warehouse.bench.child", str(self._postmaster())]
        command += [stage.name, night.date.isoformat()]
        known = any(stage.name == other.name for other in STAGES)
        command += [] if known else [source]
        return self._run(command, {**settings.to_environment(), **variables}, stage.name)

    def _run(self, command: list[str], variables: dict[str, str], name: str) -> dict[str, Any]:
        """Run a program whose last line is JSON; what it says, and `total`: the seconds of the whole process."""
        environment = {**os.environ, **variables, "PYTHONPATH": str(PROJECT / "plugins")}
        started = time.perf_counter()
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        total = time.perf_counter() - started
        if done.returncode != 0:
            said = done.stderr.strip().splitlines() or ["it said nothing"]
            raise EmbeddedError(f"The stage {name} failed while it was measured: {said[-1]}")
        measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return measured | {"total": total}

    def _settings(self, settings: Settings, database: str) -> Settings:
        changes = {
            "url": self.layout.server.url(database),
            "state_dir": self.folder / "state",
            "exports_dir": self.folder / "state" / "exports",
        }
        return settings.model_copy(update=changes)

    def _postmaster(self) -> int:
        return int((self.layout.server.data / "postmaster.pid").read_text().split()[0])

    def _rename(self) -> None:
        """What the last repeat has made is what the next stage starts from."""
        self.layout.server.drop_database(STATE)
        with connect(self.layout.server.url("postgres"), autocommit=True) as connection:
            connection.execute(statement(f"alter database {quoted(WORK)} rename to {quoted(STATE)}"))

    def _prepare_world(self) -> None:
        """Make the demo's world of this size, or use the one there is; it stays for the next time."""
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(self.layout.state.stat().st_mode)
        self.say(f"the demo's world of {self.people:,} people …")
        server = self.layout.server
        server.drop_database(DESK)
        server.create_database(DESK)
        command = [sys.executable, "-m", "customer_warehouse.demo", "prepare", "--folder", str(self.world)]
        command += ["--night", NIGHT.isoformat(), "--people", str(self.people), "--database", server.url(DESK)]
        environment = {**os.environ, "PYTHONPATH": str(PROJECT / "plugins")}
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise EmbeddedError(f"The demo's world could not be made: {done.stderr.strip().splitlines()[-1]}")


def _rows(connection: Connection, stage: Stage) -> int:
    """The rows that the stage's steps took in, by the ledger."""
    return int(
        scalar(
            connection,
            "select coalesce(sum(rows_in), 0) from ops.steps where stage = %s and step like %s",
            (stage.stage, stage.step),
        )
    )


def _customers(connection: Connection) -> tuple[int, float]:
    """Records and seconds of the step that standardises customers."""
    row = connection.execute(
        "select rows_in, extract(epoch from finished_at - started_at)::float8 from ops.steps"
        " where stage = 'standardise' and step = 'customers'"
    ).fetchone()
    assert row is not None
    return int(row[0]), float(row[1])


def _measured(name: str, unit: str, rows: int, runs: list[dict[str, Any]], floors: list[floor.Floor]) -> Measured:
    def median(key: str) -> float:
        return float(statistics.median(run[key] for run in runs))

    return Measured(
        name=name,
        unit=unit,
        rows=rows,
        seconds=median("work"),
        total_seconds=median("total"),
        import_seconds=median("imports"),
        processor_seconds=median("processor"),
        peak_mib=max(run["peak_mib"] for run in runs),
        floor_seconds=statistics.median(floor.seconds for floor in floors) if floors else None,
        floor_processor_seconds=statistics.median(floor.processor for floor in floors) if floors else None,
        floor_bytes=floors[0].size if floors else 0,
        repeats=[round(run["work"], 3) for run in runs],
    )


def _customer_part(records: int, runs: list[tuple[float, float]]) -> Measured:
    """The part of standardise that reads people's values; the process is the whole stage's."""
    return Measured(
        CUSTOMERS,
        "records",
        records,
        seconds=statistics.median(seconds for seconds, _ in runs),
        processor_seconds=statistics.median(processor for _, processor in runs),
        repeats=[round(seconds, 3) for seconds, _ in runs],
    )
