"""Worlds in their folders: the same again, one night after the other, nothing half."""

from __future__ import annotations

import csv
import hashlib
import json
import sqlite3
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from customer_warehouse.demo import till_drop
from customer_warehouse.demo.brand import Brand
from customer_warehouse.demo.moments import EPOCH_DATE, day_index, day_text, end_of
from customer_warehouse.demo.shop import SHOP_TABLES
from customer_warehouse.demo.stores import drop_days, is_late
from customer_warehouse.demo.world import World, WorldError, current, prepare

TINY = Brand(people=20)
EARLY = date(2024, 12, 10)


def content(folder: Path) -> dict[str, str]:
    """A digest of every file of the folder but the databases, by path."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".sqlite"
    }


def bodies(world: World, table: str) -> dict[int, dict[str, Any]]:
    with sqlite3.connect(world.shop_database) as database:
        return {number: json.loads(body) for number, body in database.execute(f"select id, body from {table}")}


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def wrong_amounts(world: World) -> dict[str, tuple[str, str]]:
    """The declared wrong amounts: by key, what the source says and what is true."""
    facts = table(world.truth / "values.csv")
    return {
        fact["source_key"]: (fact["raw"], fact["true"])
        for fact in facts
        if fact["column"] in ("total_amount", "unit_price")
    }


def test_the_same_world_is_the_same_to_the_byte(tmp_path: Path) -> None:
    one, other = prepare(tmp_path / "one", TINY, EARLY), prepare(tmp_path / "other", TINY, EARLY)

    assert content(one.folder) == content(other.folder)
    for name in SHOP_TABLES:
        assert bodies(one, name) == bodies(other, name)


def test_a_world_that_is_there_is_left_alone(tmp_path: Path) -> None:
    made = prepare(tmp_path, TINY, EARLY)
    before = (made.folder / "world.json").stat().st_mtime_ns, made.folder.stat().st_ino

    again = prepare(tmp_path, TINY, EARLY)

    assert ((again.folder / "world.json").stat().st_mtime_ns, again.folder.stat().st_ino) == before


def test_another_brand_takes_the_place_of_the_first(tmp_path: Path) -> None:
    prepare(tmp_path, TINY, EARLY)

    made = prepare(tmp_path, Brand(people=30), EARLY)

    assert content(made.folder) == content(prepare(tmp_path / "fresh", Brand(people=30), EARLY).folder)


def test_what_a_killed_preparation_left_is_no_world(tmp_path: Path) -> None:
    (tmp_path / f".building-{EARLY}" / "till").mkdir(parents=True)

    with pytest.raises(WorldError):
        current(tmp_path)
    made = prepare(tmp_path, TINY, EARLY)

    assert content(made.folder) == content(prepare(tmp_path / "fresh", TINY, EARLY).folder)
    assert not list(tmp_path.glob(".building-*"))


def test_the_current_night_goes_forward_and_back(tmp_path: Path) -> None:
    later = date(2024, 12, 12)
    for night in (EARLY, later, EARLY):
        prepare(tmp_path, TINY, night)

        assert current(tmp_path).night == night
        assert max(path.name for path in (tmp_path / "till").iterdir()) == night.isoformat()


def test_only_the_latest_worlds_are_kept(tmp_path: Path) -> None:
    for day in range(10, 16):
        prepare(tmp_path, TINY, date(2024, 12, day))

    assert [path.name[-2:] for path in sorted(tmp_path.glob("2024-*"))] == ["12", "13", "14", "15"]


def test_a_night_before_the_brand_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="2024-11-01"):
        prepare(tmp_path, TINY, date(2024, 10, 31))


def test_a_world_made_after_another_is_as_if_made_alone(tmp_path: Path) -> None:
    for night in (EARLY, date(2024, 12, 11), date(2024, 12, 14)):
        made = prepare(tmp_path / "line", TINY, night)

        assert content(made.folder) == content(prepare(tmp_path / night.isoformat(), TINY, night).folder)


def test_lines_spilled_to_disk_give_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = prepare(tmp_path / "held", TINY, EARLY)
    monkeypatch.setattr(till_drop, "HELD", 10)

    spilled = prepare(tmp_path / "spilled", TINY, EARLY)

    assert content(spilled.till) == content(held.till)


def test_every_till_file_has_a_true_manifest(world: World) -> None:
    files = sorted(world.till.rglob("*.csv"))

    assert len(files) > 10_000
    for path in files:
        manifest = json.loads(path.with_name(f"{path.name}.manifest.json").read_text(encoding="utf-8"))
        raw = path.read_bytes()
        rows = len(list(csv.reader(raw.decode().splitlines()))) - 1
        assert manifest == {"file": path.name, "rows": rows, "sha256": hashlib.sha256(raw).hexdigest()}


def test_every_open_store_delivers_every_day_but_late_ones_come_two_days_later(world: World) -> None:
    last = day_index(end_of(world.night)) - 1
    late = [(day, store.code) for day, store in drop_days(last) if is_late(store.code, day)]

    assert 0.003 < len(late) / len(drop_days(last)) < 0.02
    for day, store in drop_days(last):
        assert {path.name for path in (world.till / day_text(day) / store.code).glob("*.csv")} == {
            "members.csv",
            "tickets.csv",
            "ticket_lines.csv",
            "returns.csv",
        }


def test_a_late_file_is_not_there_before_it_comes(tmp_path: Path) -> None:
    day, store = next((day, store.code) for day, store in drop_days(400) if is_late(store.code, day))
    place = Path(day_text(day)) / store
    for days_later, is_there in ((0, False), (1, False), (2, True), (1, False)):
        made = prepare(tmp_path, TINY, date.fromordinal(EPOCH_DATE.toordinal() + day + days_later))

        assert (made.till / place).exists() is is_there


def test_the_list_of_stores_comes_on_the_first_and_last_of_a_month(world: World) -> None:
    days = [path.parent.name for path in sorted(world.till.glob("*/stores.csv"))]

    assert days[:4] == ["2024-11-01", "2024-11-30", "2024-12-01", "2024-12-31"]
    assert {row["store_code"] for row in table(world.till / days[-1] / "stores.csv")} == {
        "TPE01",
        "TPE02",
        "TXG01",
        "KHH01",
        "HKG01",
    }


@pytest.mark.parametrize("name", SHOP_TABLES)
def test_a_row_that_changed_overnight_says_so(name: str, world: World, next_world: World) -> None:
    before, after = bodies(world, name), bodies(next_world, name)
    moved = [row for number, row in after.items() if before.get(number) != row]

    assert all(row["updated_at"][:10] == next_world.night.isoformat() for row in moved)


def test_the_night_brings_new_changed_and_deleted_rows(world: World, next_world: World) -> None:
    customers = bodies(world, "customers"), bodies(next_world, "customers")
    members = [
        row for path in (next_world.till / next_world.night.isoformat()).glob("*/members.csv") for row in table(path)
    ]

    assert set(customers[1]) - set(customers[0])
    assert set(customers[0]) - set(customers[1])
    assert any(customers[1][number] != row for number, row in customers[0].items() if number in customers[1])
    assert any(row["status"] == "deleted" for row in members)
    assert any(row["status"] == "active" and row["registered_at"] == row["updated_at"] for row in members)
    assert any(row["status"] == "active" and row["registered_at"] != row["updated_at"] for row in members)


def test_orders_add_up_but_for_the_declared_wrong_ones(world: World) -> None:
    wrong, found = wrong_amounts(world), bodies(world, "orders")

    assert len(found) > 500
    for order in found.values():
        lines, shipping = order["line_items"], Decimal(order["total_shipping_price_set"]["shop_money"]["amount"])
        prices = [Decimal(wrong.get(str(line["id"]), ("", line["price"]))[1]) for line in lines]
        goods = sum(
            p * line["quantity"] - Decimal(line["total_discount"]) for p, line in zip(prices, lines, strict=True)
        )
        assert Decimal(wrong.get(str(order["id"]), ("", order["total_price"]))[1]) == goods + shipping
        assert Decimal(order["total_discounts"]) == sum(Decimal(line["total_discount"]) for line in lines)


def test_refunds_are_never_more_than_was_bought(world: World) -> None:
    wrong, kinds = wrong_amounts(world), Counter[str]()
    for order in bodies(world, "orders").values():
        total = Decimal(wrong.get(str(order["id"]), ("", order["total_price"]))[1])
        refunds = order["refunds"]
        goods = sum(Decimal(line["subtotal"]) for refund in refunds for line in refund["refund_line_items"])
        shipping = -sum(Decimal(part["amount"]) for refund in refunds for part in refund["order_adjustments"])
        assert goods + shipping <= total
        if refunds:
            kinds["full" if goods + shipping == total else "shipping" if not goods else "partial"] += 1
    assert set(kinds) == {"full", "partial", "shipping"}


def test_tickets_add_up_but_for_the_declared_wrong_ones(world: World) -> None:
    wrong = wrong_amounts(world)
    sums: Counter[str] = Counter()
    for path in world.till.glob("*/*/ticket_lines.csv"):
        for line in table(path):
            amount = Decimal(line["quantity"]) * Decimal(line["unit_price"]) - Decimal(line["discount_amount"])
            sums[line["ticket_id"]] += int(amount)
    tickets = [ticket for path in world.till.glob("*/*/tickets.csv") for ticket in table(path)]

    assert len(tickets) == len(sums) > 500
    for ticket in tickets:
        assert Decimal(wrong.get(ticket["ticket_id"], ("", ticket["total_amount"]))[1]) == sums[ticket["ticket_id"]]


def test_truth_names_one_person_for_each_record_that_is_served(world: World) -> None:
    owners = table(world.truth / "persons.csv")
    keys = Counter((row["source"], row["source_key"]) for row in owners)
    shop = {row["source_key"] for row in owners if row["source"] == "shop_platform"}
    guests = {f"guest-{number}" for number, order in bodies(world, "orders").items() if order["customer"] is None}

    assert max(keys.values()) == 1
    assert shop == {str(number) for number in bodies(world, "customers")} | guests
    assert len({row["person_id"] for row in owners}) < len(owners)
