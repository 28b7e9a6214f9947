"""A small brand's three real systems and a warehouse of a test's own, to run whole nights on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from customer_warehouse.database import connect, quoted, statement
from customer_warehouse.demo import service_desk, world
from customer_warehouse.demo.brand import Brand
from customer_warehouse.demo.shop_api import ShopServer
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.night import Night, night_of
from customer_warehouse.ops import ledger
from customer_warehouse.settings import Settings

# Early in the brand's life: a till file comes every day from every store, so two years of them are twelve thousand.
DAY_BEFORE, DAY, DAY_AFTER = date(2025, 1, 14), date(2025, 1, 15), date(2025, 1, 16)


def night(day: date) -> Night:
    return night_of(day, "Asia/Taipei")


@dataclass
class Demo:
    """The demo brand's systems, as they are at the end of a day."""

    folder: Path
    brand: Brand
    server: Server
    shop: ShopServer

    def show(self, day: date) -> None:
        """Make every system show the end of `day`."""
        world.prepare(self.folder, self.brand, day)
        service_desk.load(self.folder, self.server.url("service_desk"))


@contextmanager
def demo(server: Server, folder: Path, people: int) -> Iterator[Demo]:
    """Serve a brand of `people`; the addresses of its systems are in the environment while it is served."""
    server.create_database("service_desk")
    brand = Brand(people=people)
    world.prepare(folder, brand, DAY_BEFORE)
    with ShopServer(folder / "current" / "shop.sqlite", "token") as shop:
        addresses = {
            "SHOP_PLATFORM_URL": shop.url,
            "SHOP_PLATFORM_TOKEN": "token",
            "POINT_OF_SALE_URL": str(folder / "current" / "till"),
            "SERVICE_DESK_URL": server.url("service_desk", "postgresql+psycopg2"),
        }
        before = {name: os.environ.get(name) for name in addresses}
        os.environ.update(addresses)
        shown = Demo(folder, brand, server, shop)
        shown.show(DAY_BEFORE)
        try:
            yield shown
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value


@contextmanager
def empty_warehouse(server: Server, name: str, folder: Path) -> Iterator[Settings]:
    """The settings of a warehouse of this name, with a state folder of its own."""
    server.create_database(name)
    ledger.prepare(server.url(name))
    yield Settings(url=server.url(name), state_dir=folder, exports_dir=folder / "exports", chunk_rows=500)
    server.drop_database(name)


def fingerprints(settings: Settings, *schemas: str, leaving: tuple[str, ...] = ()) -> dict[str, str]:
    """A digest of the content of every relation of the schemas, whatever the order of its rows.

    `leaving` names columns that say when or by which attempt a row was written, which may differ.
    """
    digests = {}
    with connect(settings.url) as connection:
        relations = connection.execute(
            "select table_schema, table_name from information_schema.tables where table_schema = any(%s) order by 1, 2",
            (list(schemas),),
        ).fetchall()
        for schema, name in relations:
            columns = connection.execute(
                "select column_name from information_schema.columns"
                " where table_schema = %s and table_name = %s and column_name <> all(%s) order by column_name",
                (schema, name, list(leaving)),
            ).fetchall()
            listed = ", ".join(quoted(column) for (column,) in columns)
            rows = connection.execute(
                statement(
                    f"select row_to_json(r)::text from (select {listed} from {quoted(schema, name)}) as r order by 1"
                )
            ).fetchall()
            digests[f"{schema}.{name}"] = hashlib.sha256("\n".join(row for (row,) in rows).encode()).hexdigest()
    return digests
