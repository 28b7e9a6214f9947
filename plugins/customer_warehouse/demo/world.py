"""The world of one night: everything that the three systems show once a business day is over, in one folder.

    <folder>/<night>/shop.sqlite      what the shop platform's API serves
    <folder>/<night>/till/            the drop folder of the tills
    <folder>/<night>/service_desk/    the service desk's tables, for `service_desk.load`
    <folder>/<night>/truth/           whose record is whose; no source shows it
    <folder>/current -> <night>       which night it is: one link, moved at once
    <folder>/till -> current/till     where the tills' files are found, whichever night it is

A world is made in a folder of its own and renamed when it is whole, so a killed preparation leaves nothing half. Till
files do not change once they are there: another night's are linked, not copied, and only missing days are made. So
whoever spoils a till file for a test must put another file in its place, not write into it.
"""

from __future__ import annotations

import csv
import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from customer_warehouse.demo.brand import Brand
from customer_warehouse.demo.campaigns import engagement_rows, event_rows
from customer_warehouse.demo.desk import TABLES
from customer_warehouse.demo.desk_work import agent_lines
from customer_warehouse.demo.dirt import RATES, Dirt
from customer_warehouse.demo.moments import EPOCH_DATE, day_index, day_text, end_of
from customer_warehouse.demo.shop import SHOP_TABLES, ShopRow, product_rows
from customer_warehouse.demo.stores import drop_days
from customer_warehouse.demo.till_drop import TillDrop

KEPT = 3
"""Worlds kept beside the current one, the latest nights first."""
BATCH = 2_000


class WorldError(Exception):
    """The world asked for cannot be; the message says why."""


@dataclass(frozen=True)
class World:
    """One night's world."""

    folder: Path
    night: date

    @property
    def shop_database(self) -> Path:
        return self.folder / "shop.sqlite"

    @property
    def till(self) -> Path:
        return self.folder / "till"

    @property
    def service_desk(self) -> Path:
        return self.folder / "service_desk"

    @property
    def truth(self) -> Path:
        return self.folder / "truth"

    @property
    def fingerprint(self) -> str:
        """What the world was made from: two worlds with the same one are the same."""
        return str(json.loads((self.folder / "world.json").read_text(encoding="utf-8"))["fingerprint"])


def current(folder: Path) -> World:
    """The world that the folder shows now. Raises WorldError when none is prepared."""
    link = folder / "current"
    if not link.exists():
        raise WorldError(f"No demo world is prepared in {folder}.")
    target = link.resolve()
    return World(target, date.fromisoformat(target.name))


def prepare(folder: Path, brand: Brand, night: date) -> World:
    """Make the world as of the end of the business day `night`, unless it is there, and make it the current one.

    Raises WorldError for a night before the brand's first day.
    """
    if night < EPOCH_DATE:
        raise WorldError(f"The demo brand opens on {EPOCH_DATE}; {night} is before that.")
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    world = World(folder / night.isoformat(), night)
    with _alone(folder):
        if not _is_prepared(world, brand):
            _make(world, brand)
        _point(folder / "current", night.isoformat())
        for name in ("till", "truth"):
            _point(folder / name, f"current/{name}")
        _forget_others(folder, night)
    return world


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until nobody else prepares this folder."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fingerprint(brand: Brand, night: date) -> str:
    """A digest of the brand, the night and the program that makes worlds."""
    digest = hashlib.sha256(f"{brand.seed} {brand.people} {night}".encode())
    digest.update(_program().encode())
    return digest.hexdigest()


def _program() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*")):
        if path.suffix in (".py", ".csv", ".yml"):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _is_prepared(world: World, brand: Brand) -> bool:
    return (world.folder / "world.json").exists() and world.fingerprint == fingerprint(brand, world.night)


def _make(world: World, brand: Brand) -> None:
    building = world.folder.with_name(f".building-{world.night}")
    shutil.rmtree(building, ignore_errors=True)
    draft = World(building, world.night)
    for path in (building, draft.till, draft.service_desk, draft.truth):
        path.mkdir()
    last_day = day_index(end_of(world.night) - 1)
    _link_earlier_files(draft, world.folder.parent, brand, last_day)
    _fill(draft, brand, last_day)
    text = json.dumps({"fingerprint": fingerprint(brand, world.night), "seed": brand.seed, "people": brand.people})
    (building / "world.json").write_text(text + "\n", encoding="utf-8")
    shutil.rmtree(world.folder, ignore_errors=True)
    building.rename(world.folder)


def _link_earlier_files(draft: World, folder: Path, brand: Brand, last_day: int) -> None:
    """Link the till files that another night of the same brand has and this night shows too."""
    others = [World(path, date.fromisoformat(path.name)) for path in folder.glob("????-??-??")]
    same = [other for other in others if _is_prepared(other, brand)]
    if not same:
        return
    other = max(same, key=lambda world: (min(world.night, draft.night), world.night))
    places = [Path(day_text(day)) / store.code for day, store in drop_days(last_day)]
    for place in [*places, *(Path(day_text(day)) for day in range(last_day + 1))]:
        if (other.till / place).is_dir():
            (draft.till / place).mkdir(parents=True, exist_ok=True)
            for path in filter(Path.is_file, (other.till / place).iterdir()):
                os.link(path, draft.till / place / path.name)


def _fill(world: World, brand: Brand, last_day: int) -> None:
    until, dirt = end_of(world.night), Dirt()
    catalogue = brand.catalogue(until)
    drop = TillDrop(world.till, last_day, catalogue)
    database = sqlite3.connect(world.shop_database)
    database.execute("pragma journal_mode = off")
    database.execute("pragma synchronous = off")
    for table in SHOP_TABLES:
        database.execute(
            f"create table {table}"
            " (id integer not null, updated_at integer not null, open integer not null, body blob not null)"
        )
    shop: dict[str, list[ShopRow]] = {table: [] for table in SHOP_TABLES}
    shop["products"] += product_rows(catalogue, until)
    shop["marketing_events"] += event_rows(brand.people, until)
    shop["marketing_engagements"] += engagement_rows(brand.people, brand.chances["campaigns"], until)
    desk = {table: (world.service_desk / f"{table}.csv").open("w", encoding="utf-8", newline="") for table in TABLES}
    persons = (world.truth / "persons.csv").open("w", encoding="utf-8", newline="")
    values = (world.truth / "values.csv").open("w", encoding="utf-8", newline="")
    campaigns = (world.truth / "campaigns.csv").open("w", encoding="utf-8", newline="")
    with persons, values, campaigns:
        owners, facts = csv.writer(persons, lineterminator="\n"), csv.writer(values, lineterminator="\n")
        owners.writerow(("person_id", "source", "source_key"))
        facts.writerow(("source", "source_key", "column", "raw", "true"))
        prompted = csv.writer(campaigns, lineterminator="\n")
        prompted.writerow(("campaign", "order"))
        for traces in brand.traces(until, dirt):
            shop["customers"] += traces.customers
            shop["orders"] += traces.orders
            for table, row in traces.shop:
                shop[table].append(row)
            for table, rows in shop.items():
                if len(rows) > BATCH:
                    _store(database, table, rows)
            drop.add(traces.till)
            for table, line in traces.desk:
                desk[table].write(line)
            owners.writerows([(traces.person, *owned) for owned in traces.owned])
            facts.writerows(traces.facts)
            prompted.writerows(traces.prompted)
    for table, line in agent_lines(until):
        desk[table].write(line)
    for file in desk.values():
        file.close()
    for table, rows in shop.items():
        _store(database, table, rows)
        database.execute(f"create unique index {table}_by_update on {table} (updated_at, id)")
    database.commit()
    database.close()
    drop.write()
    with (world.truth / "dirt.csv").open("w", encoding="utf-8", newline="") as file:
        counts = csv.writer(file, lineterminator="\n")
        counts.writerow(("kind", "rate", "tried", "struck"))
        counts.writerows((kind, rate, dirt.tried[kind], dirt.struck[kind]) for kind, rate in RATES.items())


def _store(database: sqlite3.Connection, table: str, rows: list[ShopRow]) -> None:
    database.executemany(f"insert into {table} values (?, ?, ?, ?)", rows)
    rows.clear()


def _point(link: Path, target: str) -> None:
    """Make `link` lead to `target`, at once."""
    if link.is_symlink() and str(link.readlink()) == target:
        return
    draft = link.with_name(f".{link.name}-new")
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.replace(link)


def _forget_others(folder: Path, night: date) -> None:
    """Delete all worlds but the current one and the latest others."""
    others = sorted(path for path in folder.glob("????-??-??") if path.name != night.isoformat())
    for path in [*others[:-KEPT], *folder.glob(".building-*")]:
        shutil.rmtree(path, ignore_errors=True)
