"""Measure identity beside Splink on the same records, a night of few changes beside a full run, and the demo's truth.

Every run is a process of its own, ours and the peer's by turns; medians of the runs count. Generated records and the
demo's standardised records are kept in the state folder for the next time.
"""

from __future__ import annotations

import shutil
import statistics
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from customer_warehouse.bench import people
from customer_warehouse.bench.measure import NIGHT, Bench
from customer_warehouse.bench.stages import STAGES
from customer_warehouse.database import Connection, connect, copy_arrow, statement
from customer_warehouse.identity import labelled, labelled_values
from customer_warehouse.identity.records import RECORDS, SELECT_RECORDS
from customer_warehouse.identity.transfer import read_arrow
from customer_warehouse.night import night_of
from customer_warehouse.ops import ledger
from customer_warehouse.settings import Settings
from customer_warehouse.standardise.model import prepare_tables

NIGHTS = "bench_identity"
"""The database of the nights."""
CHANGED = 0.01
Measured = dict[str, Any]

FIRST_PART, LAST_PART = map(RECORDS.get_field_index, ("street", "country"))
AS_STANDARDISED = {
    **{name: name for name in RECORDS.names if name.startswith("full_name")},
    **{name: name for name in ("source", "source_key", "email_key", "phone", "birth_date")},
    **{"email_text": "email_raw", "phone_text": "phone_raw", "birth_text": "birth_date_raw"},
    **{part: f"postal_address_{part}" for part in RECORDS.names[FIRST_PART : LAST_PART + 1]},
    "address_key": "postal_address_key",
}
"""Columns of RECORDS and the columns of `standardised.customers` that they are read from."""

CHANGES = f"""
    create temp table drawn on commit drop as
    select source, source_key, row_number() over (order by md5(source_key)) as number
    from standardised.customers
    order by 3
    limit ({CHANGED} * (select count(*) from standardised.customers))::int;

    update standardised.customers as record
    set phone = '+8869' || lpad((number * 7919 % 100000000)::text, 8, '0'),
        phone_raw = '8869' || lpad((number * 7919 % 100000000)::text, 8, '0')
    from drawn
    where drawn.source = record.source and drawn.source_key = record.source_key and number % 10 < 4;

    update standardised.customers as record
    set postal_address_house_number = number::text || '號', postal_address_key = 'moved ' || number
    from drawn
    where drawn.source = record.source and drawn.source_key = record.source_key and number % 10 in (4, 5, 6);

    insert into standardised.customers (source, source_key, origin, unit, kind, {
    ", ".join(name for name in AS_STANDARDISED.values() if name not in ("source", "source_key"))
}, created_at)
    select record.source, record.source_key || ' new', origin, unit || ' new', kind, {
    ", ".join(name for name in AS_STANDARDISED.values() if name not in ("source", "source_key"))
},
        (select max(created_at) from standardised.customers)
    from standardised.customers as record
    join drawn on drawn.source = record.source and drawn.source_key = record.source_key
    where number % 10 in (7, 8);

    delete from standardised.customers as record
    using drawn
    where drawn.source = record.source and drawn.source_key = record.source_key and number % 10 = 9;
"""
"""What changes in the night: of the drawn records 40 % have another phone, 30 % move, 20 % get a newcomer who says the
same, 10 % are deleted."""


class IdentityBench(Bench):
    """One measuring run of identity."""

    def generated(self, sizes: Sequence[int]) -> list[Measured]:
        """Ours and the peer on generated records, by turns, size by size."""
        found: list[Measured] = []
        for size in sizes:
            folder = self._generated(size)
            runs: dict[str, list[Measured]] = {"ours": [], "peer": []}
            for _ in range(self.repeats):
                for who, measured in runs.items():
                    self.say(f"{who}, {size:,} generated records …")
                    measured.append(self._child_of(who, folder))
            found.append({"records": size, **{who: _median(measured) for who, measured in runs.items()}})
        return found

    def nights(self, size: int) -> Measured:
        """The first night of so many records, then nights in which few of them change, and a full run of the last."""
        server = self.layout.server
        runs: dict[str, list[Measured]] = {"first": [], "changed": [], "full": []}
        for _ in range(self.repeats):
            server.drop_database(NIGHTS)
            server.create_database(NIGHTS)
            try:
                settings = self._settings(self.layout.settings(), NIGHTS)
                first, second = (night_of(NIGHT + timedelta(days=days), settings.business_time_zone) for days in (0, 1))
                self.say(f"{size:,} generated records into the warehouse …")
                ledger.prepare(settings.url)
                with connect(settings.url) as connection:
                    prepare_tables(connection)
                    self._fill(connection, self._generated(size))
                    connection.commit()
                _settle(settings.url)
                for name, night, what in (
                    ("first", first, "night"),
                    ("changed", second, "night"),
                    ("full", second, "full-night"),
                ):
                    if name == "changed":
                        with connect(settings.url) as connection:
                            connection.execute(statement(CHANGES))
                            connection.commit()
                        _settle(settings.url)
                    ledger.open_run(settings.url, night)
                    self.say(f"{name} night …")
                    day = night.date.isoformat()
                    runs[name].append(self._child_of(what, self.folder, day, settings))
                    ledger.close_run(settings.url, night.run_id, failed=False)
            finally:
                server.drop_database(NIGHTS)
        return {"records": size, "share": CHANGED, **{name: _median(measured) for name, measured in runs.items()}}

    def truth(self) -> Measured:
        """Ours and the peer on the demo's standardised records, against the demo's truth."""
        folder = self._standardised()
        runs: dict[str, list[Measured]] = {"ours": [], "peer": []}
        for _ in range(self.repeats):
            for who, measured in runs.items():
                self.say(f"{who}, the demo's {self.people:,} people …")
                measured.append(self._child_of(f"{who}-standardised", folder))
        records = pq.read_metadata(folder / "records.parquet").num_rows
        return {"people": self.people, "records": records, **{who: _median(found) for who, found in runs.items()}}

    def _generated(self, size: int) -> Path:
        folder = self.folder / f"people-{size}-{people.SEED}"
        if not (folder / "columns.yml").exists():  # written last
            self.say(f"{size:,} records …")
            people.write(folder, size)
        return folder

    def _standardised(self) -> Path:
        """The records of the demo as standardise has them, and whose they are, in a folder."""
        folder = self.folder / f"demo-{self.people}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with self._sources() as line:
            for stage in STAGES:
                if stage.stage in ("extract", "standardise"):
                    self._stage(stage, *line, measure=False)
            with (
                connect(line[0].url) as connection,
                pq.ParquetWriter(folder / "records.parquet", RECORDS) as writer,
            ):
                for batch in read_arrow(connection, SELECT_RECORDS, RECORDS):
                    writer.write_batch(batch)
        owners = pa_csv.read_csv(self.world / "current" / "truth" / "persons.csv")
        texts = {name: pc.cast(owners[name], pa.string()) for name in ("source", "source_key")}
        pq.write_table(pa.table({**texts, "entity_id": owners["person_id"]}), folder / "truth.parquet")
        return folder

    def _fill(self, connection: Connection, folder: Path) -> None:
        """Put the generated records into `standardised.customers`, as their source's accounts."""
        columns = labelled.read_columns(folder / "columns.yml")
        table = labelled.read_records(folder / "records.parquet", columns)
        processes = self.layout.settings().processes
        done = 0
        for batch in labelled_values.read(table, columns, processes):
            rows = pa.table({name: batch[column] for column, name in AS_STANDARDISED.items()})
            count = rows.num_rows
            created = pa.array(range(done, done + count)).cast(pa.timestamp("s", tz="UTC"))
            for name, values in (
                ("origin", pa.array(["generated"] * count)),
                ("unit", rows["source_key"]),
                ("kind", pa.array(["account"] * count)),
                ("created_at", created),
            ):
                rows = rows.append_column(name, values)
            copy_arrow(connection, "standardised.customers", rows)
            done += count

    def _child_of(self, what: str, folder: Path, day: str = "", settings: Settings | None = None) -> Measured:
        command = [sys.executable, "-m", "customer_warehouse.bench.identity_child", what, str(folder), day]
        own = settings or self._settings(self.layout.settings(), "postgres")
        return self._run(command, own.to_environment(), what)


def _settle(url: str) -> None:
    """Let the server do what it would do by itself some time after a load."""
    with connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze standardised.customers")
        connection.execute("checkpoint")


def _median(runs: Sequence[Measured]) -> Measured:
    """The first run with the medians of what varies, and every run's seconds."""
    return runs[0] | {
        "seconds": statistics.median(run["seconds"] for run in runs),
        "processor": statistics.median(run["processor"] for run in runs),
        "peak_mb": max(run["peak_mb"] for run in runs),
        "repeats": [round(run["seconds"], 2) for run in runs],
    }
