"""Measure the warehouse and the marts alone: in full, for a night of few changes, and both over twice the history.

The tables that dbt reads are made by SQL, so that a size takes minutes that the whole line would take hours for.
"""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from customer_warehouse import marts, warehouse
from customer_warehouse.bench.measure import NIGHT, Bench
from customer_warehouse.database import Connection, connect, scalar, statement
from customer_warehouse.identity.stage import SCHEMA as IDENTITY
from customer_warehouse.night import Night, night_of
from customer_warehouse.ops import ledger
from customer_warehouse.publish.show import show
from customer_warehouse.rejects import history as rejects
from customer_warehouse.settings import Settings
from customer_warehouse.standardise.model import prepare_tables

DATABASE = "bench_warehouse"
ROWS = Path(__file__).with_name("warehouse_rows.sql")
CHANGES = Path(__file__).with_name("warehouse_changes.sql")
ORDERS_A_CUSTOMER = 5
CHANGED = 0.01
"""The share of the orders and of the customers that are others after a night."""
FULL_MINUTES, MANY = 15, 1_000_000
"""A full build may take so many minutes at so many customers."""
NIGHT_BY_FULL = 1 / 8
"""A night of few changes may take such a share of a full build."""
HISTORY = 1.1
"""A night over twice the history may take so many times what it takes over the history."""
SLOWEST = 60
"""How many of the slowest models and tests of a night are kept."""
READS = 200
"""How many customers are read, one after the other."""
CUSTOMER_MS, KPI_MS = 20, 200
"""A reader may wait so many milliseconds for all of one customer, and for the figures of a KPI mart."""
Measured = dict[str, Any]


class Target(NamedTuple):
    """One thing asked for."""

    what: str
    asked: float
    found: float

    @property
    def passes(self) -> bool:
        return self.found <= self.asked


class WarehouseBench(Bench):
    """One measuring run of dbt's stages."""

    def histories(self, customers: int) -> list[Measured]:
        """A full build and the night after it, over a history of two years and over one of four.

        The same number of orders changes in both nights. Seconds are those of the stages, with conservation and dbt's
        own start.
        """
        found = []
        for history in (1, 2):
            self.layout.server.drop_database(DATABASE)
            self.layout.server.create_database(DATABASE)
            settings = self._settings(self.layout.settings(), DATABASE)
            first, second = (night_of(NIGHT + timedelta(days=days), settings.business_time_zone) for days in (0, 1))
            self.say(f"{customers:,} customers, {history} × the history …")
            ledger.prepare(settings.url)
            sizes = _fill(settings, first, customers, history)
            full = self._night("full build", settings, first)
            orders = customers * ORDERS_A_CUSTOMER
            values = {"as_of": second.as_of, "changed": int(orders * CHANGED), "moved": int(customers * CHANGED)}
            with connect(settings.url) as connection:
                _execute(connection, CHANGES, values)
            _settle(settings)
            night = self._night("night", settings, second)
            reads = _reads(settings)
            found.append(
                {
                    "customers": customers,
                    "history": history,
                    "rows": sizes,
                    "full": full,
                    "night": night,
                    "reads": reads,
                }
            )
            self.layout.server.drop_database(DATABASE)
        return found

    def _night(self, name: str, settings: Settings, night: Night) -> Measured:
        self.say(f"{name} …")
        ledger.open_run(settings.url, night)
        started = time.perf_counter()
        warehouse.build(settings, night)
        between = time.perf_counter()
        batch_id = marts.build(settings, night)
        ended = time.perf_counter()
        # What a batch has settled, such as the cut points of RFM, the next night takes from the published one.
        with connect(settings.url) as connection:
            show(settings, connection, night, batch_id, {})
        ledger.close_run(settings.url, night.run_id, failed=False)
        nodes = _seconds_of_nodes(settings)
        return {
            "seconds": round(ended - started, 2),
            "warehouse": round(between - started, 2),
            "marts": round(ended - between, 2),
            "tests": round(sum(seconds for name, seconds in nodes.items() if name.startswith("test ")), 2),
            "slowest": dict(sorted(nodes.items(), key=lambda node: (-node[1], node[0]))[:SLOWEST]),
        }


def _seconds_of_nodes(settings: Settings) -> dict[str, float]:
    """How long each model and seed and each test of the two stages took last, as dbt has it; four work at a time."""
    found = {}
    for stage in ("warehouse", "marts"):
        report = settings.state_dir / "dbt" / stage / "run_results.json"
        for row in json.loads(report.read_text(encoding="utf-8"))["results"]:
            kind, _, name = row["unique_id"].split(".")[:3]
            found[f"test {name}" if kind == "test" else name] = round(row["execution_time"], 2)
    return found


def _reads(settings: Settings) -> dict[str, Measured]:
    """Milliseconds that readers wait, median and longest: for each of some customers, and for each KPI mart."""
    with connect(settings.url) as connection:
        known = connection.execute(
            "select customer_id from warehouse.dim_customers order by md5(customer_id) limit %s", (READS,)
        ).fetchall()
        kpis = connection.execute(
            "select table_name, bool_or(column_name = 'dimension') from information_schema.columns"
            " where table_schema = 'marts' and table_name like 'kpi%%' group by 1 order by 1"
        ).fetchall()
        queries = {
            "customer_360": ("select * from marts.customer_360 where customer_id = %s", known),
            "timeline": (
                "select * from warehouse.fct_customer_events where customer_id = %s order by occurred_at",
                known,
            ),
            **{
                f"marts.{mart}": (
                    f"select * from marts.{mart}"
                    + (" where grain = 'month' and dimension = 'channel'" if split else ""),
                    [()] * 5,
                )
                for mart, split in kpis
            },
        }
        found = {}
        for name, (query, parameters) in queries.items():
            taken = []
            for values in parameters:
                started = time.perf_counter()
                connection.execute(statement(query), values).fetchall()
                taken.append((time.perf_counter() - started) * 1000)
            found[name] = {"median": round(median(taken), 1), "longest": round(max(taken), 1)}
    return found


def _fill(settings: Settings, night: Night, customers: int, history: int) -> dict[str, int]:
    """Make the tables; returns their rows."""
    orders = customers * ORDERS_A_CUSTOMER * history
    with connect(settings.url) as connection:
        prepare_tables(connection)
        rejects.prepare(connection)
        connection.execute(statement(IDENTITY.read_text(encoding="utf-8")))
        values = {"as_of": night.as_of, "customers": customers, "orders": orders, "history": history}
        _execute(connection, ROWS, values)
    _settle(settings)
    with connect(settings.url) as connection:
        return {
            entity: scalar(connection, f"select count(*) from standardised.{entity}")
            for entity in ("customers", "orders", "order_lines", "returns", "cases")
        }


def _execute(connection: Connection, file: Path, values: dict[str, Any]) -> None:
    """Run the statements of `file`, one by one: the server takes values for one statement at a time."""
    for text in file.read_text(encoding="utf-8").split(";\n"):
        if text.strip():
            connection.execute(statement(text), values)
    connection.commit()


def _settle(settings: Settings) -> None:
    """Let the server do what it would do by itself some time after a load."""
    with connect(settings.url, autocommit=True) as connection:
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")


def targets(found: list[Measured]) -> list[Target]:
    """What was asked for, and what was found."""
    once, twice = found
    asked = [
        Target("a night by a full build", NIGHT_BY_FULL, once["night"]["seconds"] / once["full"]["seconds"]),
        Target("a night over twice the history", HISTORY, twice["night"]["seconds"] / once["night"]["seconds"]),
    ]
    for name, reads in once["reads"].items():
        allowed = KPI_MS if "kpi" in name else CUSTOMER_MS
        asked.append(Target(f"milliseconds for {name}, median", allowed, reads["median"]))
    if once["customers"] >= MANY:
        asked.append(Target("minutes of a full build", FULL_MINUTES, once["full"]["seconds"] / 60))
    return asked
