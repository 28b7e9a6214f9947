"""Thirty nights of deliveries, late, repeated, corrected and in any order: the same rows stand as in good order.

A world is thirty days of files of two stores and three lists: members (with a cursor and deletions), tickets (without),
and lines (known by their place in their file). One row in twenty comes up to 14 days after its day, so updates come
before inserts and deletions before both; one file in eight is corrected later, one in thirty goes back to what it was.
The same files then arrive in another order, and the last night must show what it shows when each arrives on its day.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
import yaml

from customer_warehouse.database import connect, quoted, statement
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.extract.declaration import load_source, raw_table
from customer_warehouse.extract.raw_table import newest_first, raw_columns
from customer_warehouse.extract.stage import land_entity
from customer_warehouse.night import Night, night_of
from customer_warehouse.settings import Settings
from customer_warehouse.standardise import stage as standardise

FIRST = date(2026, 3, 1)
STORES = ("S1", "S2")
HEADERS = {"members": "id,name,updated_at,status", "tickets": "id,total,sold_at", "lines": "ticket,sku,quantity"}
DECLARED = {
    "source": "till",
    "kind": "files",
    "description": "A till.",
    "time_zone": "Asia/Taipei",
    "currency": "TWD",
        "entities": {
        "members": {
            "read": {"path": "{date}/{store}/members.csv"},
            "key": ["id"],
            "cursor": "updated_at",
            "overlap": "P31D",
            "deletes": {"column": "status", "equals": "deleted"},
            "columns": ["id", "name", "updated_at", "status"],
            "standard": [
                {"entity": "customers", "key": "id", "columns": {"kind": {"value": "member"}, "full_name": "name"}}
            ],
        },
        "tickets": {
            "read": {"path": "{date}/{store}/tickets.csv"},
            "key": ["id"],
            "overlap": "P31D",
            "columns": ["id", "total", "sold_at"],
            "standard": [
                {
                    "entity": "orders",
                    "key": "id",
                    "columns": {
                        "order_number": "id",
                        "channel": {"value": "store"},
                        "ordered_at": "sold_at",
                        "status": {"value": "fulfilled"},
                        "currency": {"value": "TWD"},
                        "total_amount": "total",
                        "store_key": "_file.store",
                    },
                }
            ],
        },
        "lines": {
            "read": {"path": "{date}/{store}/lines.csv"},
            "key": ["_file", "_line"],
            "overlap": "P31D",
            "columns": ["ticket", "sku", "quantity"],
            "standard": [
                {
                    "entity": "order_lines",
                    "key": ["_file", "_line"],
                    "columns": {"order_key": "ticket", "line_number": "_line", "sku": "sku", "quantity": "quantity"},
                }
            ],
        },
    },
}  # fmt: skip
Contents = dict[str, list[list[str]]]
"""By file its contents in the order of their delivery; a content is its lines."""


@dataclass(frozen=True)
class World:
    """What the stores deliver in so many days."""

    days: int
    files: Contents

    @classmethod
    def of(cls, seed: int, days: int) -> World:
        random = Random(seed)
        rows: dict[tuple[int, str, str], list[str]] = defaultdict(list)
        for day in range(days):
            for store in STORES:
                for entity in HEADERS:
                    rows[day, store, entity] = []
                for _ in range(random.randrange(3)):
                    at = day if random.random() > 0.05 else min(day + random.randint(1, 14), days - 1)
                    moment = f"{FIRST + timedelta(days=day)} {random.randint(8, 11):02}:00:00"
                    status = "deleted" if random.random() < 0.2 else "active"
                    name = random.choice(("Ann", "Bo", "Cy"))
                    rows[at, store, "members"].append(f"M{random.randrange(5)},{name},{moment},{status}")
                    total = random.randint(1, 3)
                    rows[at, store, "tickets"].append(f"T{random.randrange(6)},{total},{FIRST} 10:00:00")
                    rows[at, store, "lines"].append(f"{store}-{day}-{total},A,{total}")
        files: Contents = {}
        for (day, store, entity), lines in rows.items():
            unique = list({line.partition(",")[0]: line for line in lines}.values()) if entity != "lines" else lines
            contents = [unique]
            if random.random() < 1 / 8 and day < days - 3:
                contents.append([line.replace(",A,", ",B,").replace("Ann", "Di") for line in unique[:-1]])
                if random.random() < 1 / 4:
                    contents.append(unique)
            if all(one != other for one, other in pairwise(contents)):
                files[f"{FIRST + timedelta(days=day)}/{store}/{entity}.csv"] = contents
        return cls(days, files)

    def in_order(self) -> dict[int, dict[str, list[str]]]:
        """By night what is new in the drop folder: every file on its day, a correction on the next."""
        return self._arriving({name: [self.day(name) + n for n in range(3)] for name in self.files})

    def shuffled(self, random: Random) -> dict[int, dict[str, list[str]]]:
        """The same, each file on any night from its day on; its corrections still come one after the other.

        Two nights of three nothing runs at all, but for the last ones.
        """
        nights = [night for night in range(self.days) if night >= self.days - 3 or random.random() < 1 / 3]
        return self._arriving(
            {
                name: sorted(random.sample([night for night in nights if night >= self.day(name)], len(contents)))
                for name, contents in self.files.items()
            }
        )

    def _arriving(self, nights: dict[str, list[int]]) -> dict[int, dict[str, list[str]]]:
        arriving: dict[int, dict[str, list[str]]] = defaultdict(dict)
        for name, contents in self.files.items():
            for arrival, content in zip(nights[name], contents, strict=False):
                arriving[arrival][name] = content
        return arriving

    @staticmethod
    def day(name: str) -> int:
        return (date.fromisoformat(name[:10]) - FIRST).days

    def places(self, line: str) -> list[tuple[str, int]]:
        """Where a line of a member is: the file, and which of its contents."""
        return [
            (name, delivery)
            for name, contents in self.files.items()
            for delivery, content in enumerate(contents)
            if name.endswith("members.csv") and line in content
        ]

    def standing(self, entity: str) -> dict[str, str]:
        """By key the row that stands in the end, told by the rules alone."""
        versions: dict[str, tuple[tuple[str, int, str], str]] = {}
        for name, contents in self.files.items():
            if not name.endswith(f"{entity}.csv"):
                continue
            if entity == "lines":
                last = contents[-1]
                versions |= {f"{name}|{number}": (("", 0, ""), line) for number, line in enumerate(last, start=1)}
                continue
            for delivery, content in enumerate(contents):
                for line in content:
                    key = line.partition(",")[0]
                    if entity == "tickets":
                        version = (name[:10], delivery, name)
                    else:  # a content that comes again under the same cursor is nothing new
                        first = min(self.places(line))
                        version = (line.split(",")[2], 0, f"{first[0]} {first[1]}")
                    versions[key] = max(versions.get(key, (("", 0, ""), "")), (version, line))
        return {key: line for key, (_, line) in versions.items() if not line.endswith(",deleted")}


def night(number: int) -> Night:
    return night_of(FIRST + timedelta(days=number), "Asia/Taipei")


class Warehouse:
    """A warehouse that takes one course of deliveries after the other, each from nothing."""

    def __init__(self, url: str, folder: Path) -> None:
        self.drop = folder / "drop"
        (folder / "sources").mkdir()
        (folder / "sources" / "till.yml").write_text(yaml.safe_dump(DECLARED | {"connection": {"url": str(self.drop)}}))
        self.source = load_source(folder / "sources", "till")
        self.settings = Settings(url=url, sources_dir=folder / "sources", processes=1)
        self.connection = connect(url)

    def after(self, arriving: dict[int, dict[str, list[str]]], days: int) -> dict[str, list[tuple[object, ...]]]:
        """What stands, in raw and standardised, after all nights."""
        self._forget()
        for number in sorted({*arriving, days - 1}):
            for name, lines in arriving.get(number, {}).items():
                file = self.drop / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text("\n".join([HEADERS[file.stem], *lines, ""]))
            for entity in self.source.entities:
                counts = land_entity(self.connection, self.source, entity, night(number))
                assert counts.read == counts.landed + counts.duplicate + counts.isolated
            if number in (days // 2, days - 1):
                standardise.run(self.settings, night(number))
        standing = {f"raw {name}": self._latest(name) for name in self.source.entities}
        for name in ("customers", "orders", "order_lines"):
            rows = self.connection.execute(statement(f"select * from standardised.{name} order by source_key"))
            standing[f"standardised {name}"] = rows.fetchall()
        return standing

    def _forget(self) -> None:
        shutil.rmtree(self.drop, ignore_errors=True)
        self.drop.mkdir()
        for entity in self.source.entities:
            self.connection.execute(statement(f"drop table if exists {quoted(*raw_table('till', entity))}"))
        emptied = ["ops.batches", "ops.files", "ops.profiles", "ops.drift", "ops.isolated"]
        tables = self.connection.execute("select format('%I.%I', schemaname, tablename) from pg_tables"
                                         " where schemaname = 'standardised'")  # fmt: skip
        emptied += [name for (name,) in tables]
        self.connection.execute(statement(f"truncate {', '.join(emptied)}"))
        self.connection.commit()

    def _latest(self, entity: str) -> list[tuple[object, ...]]:
        names = ", ".join(map(quoted, raw_columns(self.source, entity)))
        return self.connection.execute(
            statement(
                f"""
                select _key, {names} from (
                    select *, row_number() over (partition by _key order by {newest_first(self.source)}) as n
                    from {quoted(*raw_table("till", entity))}
                ) as versions
                where n = 1 and not _deleted order by _key
                """
            )
        ).fetchall()


@pytest.fixture
def warehouse(server: Server, tmp_path: Path) -> Iterator[Warehouse]:
    name = f"warehouse_{uuid4().hex}"
    server.create_database(name, template="empty_warehouse")
    warehouse = Warehouse(server.url(name), tmp_path)
    yield warehouse
    warehouse.connection.close()
    server.drop_database(name)


@pytest.mark.parametrize(
    ("worlds", "orders", "days"),
    [
        pytest.param(1, 3, 10, id="3 orders of 10 nights"),
        pytest.param(20, 5, 30, id="100 orders of 30 nights", marks=[pytest.mark.slow, pytest.mark.timeout(1_800)]),
    ],
)
def test_any_order_of_deliveries_ends_in_the_same_rows(
    warehouse: Warehouse, worlds: int, orders: int, days: int
) -> None:
    for seed in range(worlds):
        world = World.of(seed, days)
        expected = warehouse.after(world.in_order(), days)
        for entity in HEADERS:
            standing = {key: ",".join(map(str, values)) for key, *values in expected[f"raw {entity}"]}
            by_the_rules = world.standing(entity)
            assert standing.keys() == by_the_rules.keys(), (seed, entity)
            assert all(standing[key].startswith(row) for key, row in by_the_rules.items()), (seed, entity)
        for order in range(orders):
            assert warehouse.after(world.shuffled(Random(order)), days) == expected, (seed, order)
