"""A tiny standardised warehouse made by SQL: the tables of the standard model, filled with the rows a test gives."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from customer_warehouse import marts, warehouse
from customer_warehouse.database import Connection, connect, quoted, scalar, statement
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.night import Night
from customer_warehouse.ops import ledger
from customer_warehouse.ops.batches import keeps_versions
from customer_warehouse.publish.declared import declared_marts
from customer_warehouse.quality import audit
from customer_warehouse.quality.stage import check
from customer_warehouse.settings import Settings
from customer_warehouse.standardise.model import standard_model
from customer_warehouse.warehouse import dbt_runner
from integration import small_brand

MODEL = standard_model()
MARTS = tuple(mart.name for mart in declared_marts(Settings().dbt_project_dir))
NEXT = Night(
    small_brand.NIGHT.date + timedelta(days=1), small_brand.NIGHT.as_of + timedelta(days=1), "night__2026-11-22"
)
"""The night after the small brand's."""
Row = Mapping[str, Any]


def columns_of(entity: str) -> dict[str, str]:
    """The columns of `standardised.<entity>` and their types, as the standard model makes them."""
    model = MODEL[entity]
    columns = {"source": "text not null", "source_key": "text not null", "unit": "text", **model.table_columns()}
    required = {name for name, column in model.columns.items() if column.required}
    return {name: f"{kind} not null" if name in required else kind for name, kind in columns.items()}


def create_standard_tables(connection: Connection) -> None:
    """Every table of schema `standardised` that dbt reads, empty."""
    for entity in MODEL:
        columns = ", ".join(f"{name} {kind}" for name, kind in columns_of(entity).items())
        connection.execute(
            statement(f"create table {quoted('standardised', entity)} ({columns}, primary key (source, source_key))")
        )
    connection.execute(
        statement(
            """
            create table standardised.source_trust
                (source text primary key, trust int not null, currency text, fresh_within_hours numeric);
            create table standardised.rejects
                (source text not null, entity text not null, source_key text not null, column_name text not null,
                reason text not null);
            """
        )
    )


def create_identity_tables(connection: Connection) -> None:
    """Every table of schema `identity` that dbt reads, empty."""
    connection.execute(
        statement(
            """
            create table identity.customer_records
                (source text, source_key text, customer_id text not null, primary key (source, source_key));
            create table identity.customers
                (customer_id text primary key, first_seen_as_of timestamptz not null, records int not null);
            create table identity.aliases
                (customer_id text primary key, survivor_id text not null, since timestamptz not null);
            create table identity.households
                (household_id text not null, customer_id text primary key, cause text not null);
            """
        )
    )


def insert(connection: Connection, table: str, rows: Sequence[Row]) -> None:
    """Add `rows` to `table` (`schema.name`)."""
    for row in rows:
        names = ", ".join(row)
        places = ", ".join(["%s"] * len(row))
        connection.execute(statement(f"insert into {table} ({names}) values ({places})"), tuple(row.values()))


def fill(url: str, entities: Mapping[str, Sequence[Row]], customers: Mapping[str, Sequence[tuple[str, str]]]) -> None:
    """Create the tables and fill them; `customers` gives each customer its records as (source, source_key)."""
    with connect(url) as connection:
        create_standard_tables(connection)
        create_identity_tables(connection)
        for entity, rows in entities.items():
            insert(connection, f"standardised.{entity}", rows)
        for customer_id, records in customers.items():
            connection.execute(
                "insert into identity.customers values (%s, '2026-11-01 00:00+00', %s)", (customer_id, len(records))
            )
            for source, key in records:
                connection.execute(
                    "insert into identity.customer_records values (%s, %s, %s)", (source, key, customer_id)
                )


def settings_for(url: str, folder: Path) -> Settings:
    """Settings of a warehouse with all its state in `folder`, and with the small brand's exchange rates."""
    return Settings(url=url, state_dir=folder, dbt_project_dir=project_with_rates(folder, small_brand.RATES))


def project_with_rates(folder: Path, rates: str) -> Path:
    """A copy of the dbt project in `folder`, with the lines `rates` in its exchange rates."""
    project = folder / "dbt_project"
    if not project.exists():
        shutil.copytree(
            Settings().dbt_project_dir, project, ignore=shutil.ignore_patterns("target", "logs", "__pycache__")
        )
        with (project / "seeds" / "exchange_rates.csv").open("a", encoding="utf-8") as file:
            file.write(rates)
    return project


@cache
def small_brand_database(server: Server) -> str:
    """The name of a database in which the small brand's night is built and published; made once a session."""
    name = f"small_brand_{uuid4().hex}"
    server.create_database(name, template="empty_warehouse")
    settings = settings_for(server.url(name), server.folder.parent / "dbt")
    fill(settings.url, small_brand.ENTITIES, small_brand.CUSTOMERS)
    with connect(settings.url) as connection:
        for former, customer_id in small_brand.ALIASES.items():
            connection.execute(
                "insert into identity.aliases values (%s, %s, '2026-11-10 16:00+00')", (former, customer_id)
            )
        for household_id, members in small_brand.HOUSEHOLDS.items():
            for customer_id in members:
                connection.execute(
                    "insert into identity.households values (%s, %s, 'phone')", (household_id, customer_id)
                )
    open_run(settings.url, small_brand.NIGHT)
    build_and_publish(settings, small_brand.NIGHT)
    return name


def build_and_publish(settings: Settings, night: Night) -> int:
    """Build the warehouse and the marts, pass every border, and publish; returns the batch.

    Without the project's own checks: a border with nothing declared is passed when it is reached.
    """
    pass_borders(settings, night, "extract", "standardise", "identity")
    return build_and_publish_identified(settings, night)


def build_and_publish_identified(settings: Settings, night: Night) -> int:
    """The same of a night whose identity has passed its border."""
    settings = unchecked(settings)
    warehouse.build(settings, night)
    pass_borders(settings, night, "warehouse")
    batch_id = marts.build(settings, night)
    pass_borders(settings, night, "marts")
    marts.publish(settings, night)
    return batch_id


def unchecked(settings: Settings) -> Settings:
    """The same settings without any declared check."""
    folder = settings.state_dir / "no_expectations"
    folder.mkdir(parents=True, exist_ok=True)
    return settings.model_copy(update={"expectations_dir": folder})


def pass_borders(settings: Settings, night: Night, *stages: str) -> None:
    """Pass these borders with nothing declared, all of those before the marts unless some are named."""
    for stage in stages or audit.BEFORE_PUBLISHING:
        check(unchecked(settings), night, stage)


@contextmanager
def copy_of_small_brand(server: Server) -> Iterator[Settings]:
    """A copy of that database for whoever asks."""
    name = f"copy_{uuid4().hex}"
    server.create_database(name, template=small_brand_database(server))
    yield settings_for(server.url(name), server.folder.parent / "dbt")
    server.drop_database(name)


def build_copy(settings: Settings, night: Night) -> int:
    """A batch that has passed its borders, without dbt: last night's rows under a new number and a new date."""
    pass_borders(settings, night, "extract", "standardise", "identity", "warehouse")
    with ledger.step(settings.url, night, "marts", "build") as step, connect(settings.url) as connection:
        batch_id = int(scalar(connection, "select nextval('ops.mart_batches')"))
        step.detail["batch_id"] = batch_id
        for mart in MARTS:
            table = quoted("marts_store", mart)
            connection.execute(statement(f"create temp table copied on commit drop as select * from marts.{mart}"))
            connection.execute(statement("update copied set data_as_of = %s"), (night.as_of,))
            stored = columns(settings, mart)
            if keeps_versions(connection, f"marts_store.{mart}"):
                connection.execute(statement(f"update {table} set until_batch = {batch_id} where until_batch is null"))
                stored = stored.replace(", data_as_of", "")
            connection.execute(
                statement(f"insert into {table} (batch_id, {stored}) select {batch_id}, {stored} from copied")
            )
            connection.commit()
    pass_borders(settings, night, "marts")
    return batch_id


def columns(settings: Settings, mart: str) -> str:
    found = rows(
        settings.url,
        "select string_agg(column_name, ', ' order by ordinal_position) from information_schema.columns"
        " where table_schema = 'marts' and table_name = %s",
        mart,
    )
    return str(found[0][0])


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every mart, as readers see them."""
    return {mart: sorted(rows(url, f"select * from marts.{mart}"), key=str) for mart in MARTS}


def open_run(url: str, night: Night) -> None:
    """End the run before and start this one in the ledger, as the first task of a night does."""
    for (run_id,) in rows(url, "select run_id from ops.runs where status = 'running'"):
        ledger.close_run(url, run_id, failed=False)
    ledger.open_run(url, night)


def rows(url: str, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """All rows of `query`."""
    with connect(url) as connection:
        return connection.execute(statement(query), parameters or None).fetchall()


def run_dbt(settings: Settings, work: Path, night: Night, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run dbt as a person would, in the folder `work`, with the variables of `night`."""
    variables = json.dumps({**dbt_runner.night_variables(settings, night), "batch_id": 1})
    project = str(settings.dbt_project_dir)
    return subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", *arguments, "--vars", variables, "--no-use-colors"),
            *("--project-dir", project, "--profiles-dir", project),
            *("--target-path", str(work), "--log-path", str(work)),
        ],
        env=dbt_runner.dbt_environment(settings.url),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
