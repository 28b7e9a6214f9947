"""Publishing under load: the pointer is moved to and fro while readers read, and nobody may see two nights at once.

Readers are of three kinds: one statement that joins two marts, one that reads every mart, and a transaction of
repeatable read that reads twice. One more has read before the first move and stays idle inside its transaction until
the last.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any

import psycopg
from psycopg import IsolationLevel

from customer_warehouse.bench.report import machine
from customer_warehouse.database import Connection, connect, quoted, statement
from customer_warehouse.embedded.layout import Layout
from customer_warehouse.night import Night
from customer_warehouse.ops import ledger
from customer_warehouse.ops.batches import BATCH, UNTIL
from customer_warehouse.publish import pointer
from customer_warehouse.publish.declared import declared_marts
from customer_warehouse.publish.show import show
from customer_warehouse.publish.views import STORE, stored
from customer_warehouse.settings import Settings

DATABASE = "bench_publishing"
JOINED = (
    "select mart.data_as_of, other.data_as_of from marts.customer_360 as mart"
    " join marts.customer_rfm as other using (customer_id) where mart.customer_id = %s"
)
TARGET_SECONDS = 2.0


@dataclass
class Flips:
    """What happened while the pointer was moved."""

    readers: int
    marts: int
    reads: int = 0
    flips: int = 0
    errors: list[str] = field(default_factory=list)
    """Types of the errors that readers got."""
    mixed: int = 0
    """Reads that saw two nights, or none."""
    idle_reader_saw: int = 0
    """Nights that the idle reader saw in its one transaction."""
    longest_flip: float = 0.0
    """Seconds from the first statement of a move to the end of its commit."""
    longest_read: float = 0.0
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(self).items()}


def flip(
    url: str, batches: Sequence[tuple[int, Night]], customer_id: str, reads: int, flips: int, readers: int
) -> Flips:
    """Move the pointer between `batches` until both `reads` and `flips` are reached; all marts must hold rows of them.

    `customer_id` is a customer of all batches.
    """
    with connect(url) as connection:
        marts = [mart for mart in stored(connection) if _has_rows(connection, mart, batches[0][0])]
    result = Flips(readers, len(marts))
    counts, stop = [0] * readers, threading.Event()
    every_mart = "select " + ", ".join(f"(select max(data_as_of) from marts.{quoted(mart)})" for mart in marts)

    def read(place: int) -> None:
        try:
            with psycopg.connect(url, autocommit=place % 2 == 0) as connection:
                if not connection.autocommit:
                    connection.isolation_level = IsolationLevel.REPEATABLE_READ
                while not stop.is_set():
                    started = time.perf_counter()
                    seen = set(connection.execute(JOINED, (customer_id,)).fetchone() or ())
                    counts[place] += 1
                    if not connection.autocommit or counts[place] % 10 == 0:
                        if connection.autocommit:
                            seen = set()  # a statement of its own, which may see a later night than the one before
                        seen |= set(connection.execute(every_mart).fetchone() or ())
                        counts[place] += 1
                    if not connection.autocommit:
                        connection.commit()
                    result.longest_read = max(result.longest_read, time.perf_counter() - started)
                    result.mixed += len(seen) != 1 or None in seen
        except Exception as error:  # whatever a reader gets is what is measured
            result.errors.append(type(error).__name__)

    threads = [threading.Thread(target=read, args=(place,)) for place in range(readers)]
    began = time.perf_counter()
    with psycopg.connect(url) as idle, connect(url) as connection:
        idle.isolation_level = IsolationLevel.REPEATABLE_READ
        before = idle.execute(every_mart).fetchone()
        for thread in threads:
            thread.start()
        while (result.flips < flips or sum(counts) < reads) and any(thread.is_alive() for thread in threads):
            batch_id, night = batches[(result.flips + 1) % len(batches)]
            started = time.perf_counter()
            pointer.move_pointer(connection, night, batch_id, {})
            connection.commit()
            result.longest_flip = max(result.longest_flip, time.perf_counter() - started)
            result.flips += 1
            # Readers are given as many reads between two moves as the whole run is to have.
            while sum(counts) < reads * result.flips / flips and any(thread.is_alive() for thread in threads):
                time.sleep(0.0005)
        stop.set()
        for thread in threads:
            thread.join()
        after = idle.execute(every_mart).fetchone()
    result.idle_reader_saw = len({*(before or ()), *(after or ())})
    result.reads, result.seconds = sum(counts), time.perf_counter() - began
    return result


def run(layout: Layout, night: Night, customers: int, reads: int, flips: int, readers: int) -> dict[str, Any]:
    """Make two nights of every declared mart in a database of its own, flip between them, then publish and roll back.

    Returns the figures. The server of `layout` is started when it is not up.
    """
    layout.server.start()
    settings = layout.settings().model_copy(update={"url": layout.server.url(DATABASE)})
    layout.server.drop_database(DATABASE)
    layout.server.create_database(DATABASE)
    try:
        ledger.prepare(settings.url)
        batches = [(place + 1, _later(night, place)) for place in range(3)]
        with connect(settings.url) as connection:
            _fill(connection, settings, batches, customers)
            show(settings, connection, batches[0][1], batches[0][0], {})
        result = flip(settings.url, batches[:2], "customer 1", reads, flips, readers)
        return {
            "machine": machine(layout.server.url("postgres")),
            "customers": customers,
            **result.as_json(),
            **_publish_and_roll_back(settings, batches),
        }
    finally:
        layout.server.drop_database(DATABASE)


def _publish_and_roll_back(settings: Settings, batches: Sequence[tuple[int, Night]]) -> dict[str, float]:
    """Seconds that a publication and a rollback take while a reader is idle inside a transaction."""
    batch_id, night = batches[-1]
    with psycopg.connect(settings.url) as idle, connect(settings.url) as connection:
        idle.execute("select count(*) from marts.customer_360")
        started = time.perf_counter()
        show(settings, connection, night, batch_id, {})
        connection.commit()
        published = time.perf_counter() - started
        started = time.perf_counter()
        pointer.rollback(settings.url, "bench", "to measure how long it takes")
        rolled_back = time.perf_counter() - started
        started = time.perf_counter()
        pointer.move_pointer(connection, night, batch_id, {})
        connection.commit()
        pointer.forget_old_batches(connection, stored(connection), batch_id, 1)
        forgotten = time.perf_counter() - started
    return {
        "publish_seconds": round(published, 4),
        "rollback_seconds": round(rolled_back, 4),
        "forget_seconds": round(forgotten, 4),
    }


def _fill(connection: Connection, settings: Settings, batches: Sequence[tuple[int, Night]], customers: int) -> None:
    """Every declared mart with a row for each customer and batch; columns that name no row are empty."""
    for mart in declared_marts(settings.dbt_project_dir):
        table = quoted(STORE, mart.name)
        columns = ", ".join(f"{quoted(column.name)} {column.data_type}" for column in mart.columns)
        columns += f", {UNTIL} bigint" if mart.versions else ""
        connection.execute(statement(f"create table {table} ({BATCH} bigint, {columns})"))
        texts = [column.name for column in mart.columns if column.name in mart.key and column.data_type == "text"]
        keys = "".join(f", {quoted(name)}" for name in texts[:1])
        values = ", 'customer ' || number" if keys else ""
        for batch_id, night in batches:
            connection.execute(
                statement(
                    f"insert into {table} ({BATCH}, data_as_of{keys})"
                    f" select %s, cast(%s as timestamptz){values} from generate_series(1, {customers:d}) as number"
                ),
                (batch_id, night.as_of),
            )
        if mart.versions:
            connection.execute(statement(f"update {table} set {UNTIL} = {BATCH} + 1"))
        connection.execute(statement(f"create index on {table} ({BATCH}{keys})"))
        connection.execute(statement(f"analyze {table}"))


def _has_rows(connection: Connection, mart: str, batch_id: int) -> bool:
    found = connection.execute(
        statement(f"select exists (select from {quoted(STORE, mart)} where {BATCH} = %s)"), (batch_id,)
    ).fetchone()
    return found == (True,)


def _later(night: Night, days: int) -> Night:
    later = timedelta(days=days)
    return replace(night, date=night.date + later, as_of=night.as_of + later, run_id=f"{night.run_id}+{days}")


def in_words(figures: dict[str, Any]) -> list[str]:
    """The figures, each with what was asked for."""
    return [
        f"{figures['readers']} readers, {figures['marts']} marts of {figures['customers']} rows:"
        f" {figures['reads']:,} reads over {figures['flips']:,} moves of the pointer in {figures['seconds']:.0f} s",
        f"errors {len(figures['errors'])} (asked: 0), reads of mixed nights {figures['mixed']} (asked: 0),"
        f" nights in the idle reader's transaction {figures['idle_reader_saw']} (asked: 1)",
        f"longest move {figures['longest_flip']:.3f} s, longest read {figures['longest_read']:.3f} s",
        f"beside an idle reader: publish {figures['publish_seconds']:.3f} s (asked: under {TARGET_SECONDS:.0f}),"
        f" rollback {figures['rollback_seconds']:.3f} s, forgetting a night {figures['forget_seconds']:.3f} s",
    ]
