"""Suspects on a real database: what too many people share is proposed, and what families share is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import pytest
from typer.testing import CliRunner

from customer_warehouse.database import Connection, connect
from customer_warehouse.night import night_of
from customer_warehouse.ops import ledger
from customer_warehouse.settings import Settings
from customer_warehouse.standardise import suspects
from customer_warehouse.standardise.commands import app
from customer_warehouse.standardise.model import prepare_tables

NIGHT = night_of(date(2026, 11, 20), "Asia/Taipei")
LATER = night_of(date(2026, 11, 21), "Asia/Taipei")
SURNAMES = "陈林黄张李王吴刘蔡杨许郑谢郭洪曾邱廖赖周徐苏叶庄吕江何萧罗高潘简朱钟"
GIVEN = "志明美玲淑芬俊傑雅婷怡君建宏家豪冠宇子涵梓萱浩然欣怡國強丽华伟芳娜敏静军磊洋勇艳杰娟涛超霞平刚桂英"
STORE_PHONE = "+886223451188"


@pytest.fixture
def connection(warehouse_url: str) -> Iterator[Connection]:
    ledger.prepare(warehouse_url)
    with connect(warehouse_url) as open_:
        prepare_tables(open_)
        yield open_


def add(connection: Connection, *rows: dict[str, str]) -> None:
    """Add records of customers; a name is family name and given name with a space between."""
    for row in rows:
        family, _, given = row.pop("name", "").partition(" ")
        named = (
            {"full_name_family": family, "full_name_given": given, "full_name_key": family + given} if family else {}
        )
        values = {"kind": "member", "source": "till", "origin": "o", "unit": row["source_key"], **named, **row}
        marks = ", ".join(["%s"] * len(values))
        connection.execute(
            f"insert into standardised.customers ({', '.join(values)}) values ({marks})".encode(), list(values.values())
        )


def brand(connection: Connection, people: int = 900) -> None:
    """A brand of people, some of whom share a phone and an address with one or two of their family by marriage."""
    random = Random(7)
    first = date(1950, 1, 1)
    for number in range(people):
        home = number if random.random() > 0.15 else max(0, number - random.randrange(1, 3))
        name = f"{random.choice(SURNAMES)} {random.choice(GIVEN)}{random.choice(GIVEN)}"
        phone, birth_date = f"+8869{home:08d}", str(first + timedelta(days=random.randrange(20_000)))
        row = {"source_key": f"M{number}", "name": name, "phone": phone, "birth_date": birth_date}
        row |= {"postal_address_key": f"street {home}", "email_key": f"{home}@pm.me", "member_number": str(number)}
        add(connection, row)


def shared(connection: Connection, column: str, value: str, people: int) -> None:
    for number in range(people):
        name = f"{SURNAMES[number % len(SURNAMES)]} {GIVEN[number]}明"
        add(connection, {"source_key": f"{column}{number}", "name": name, column: value})


def proposed(connection: Connection) -> list[tuple[str, str, str]]:
    return [(found.column, found.value, found.state) for found in suspects.listed(connection, every=True)]


def test_what_families_share_is_not_proposed(connection: Connection) -> None:
    brand(connection)

    assert suspects.propose(connection, NIGHT) == {}


def test_what_many_families_share_is_proposed_in_every_column(connection: Connection) -> None:
    brand(connection)
    given = {
        "phone": STORE_PHONE,
        "email_key": "counter@pm.me",
        "postal_address_key": "the shop",
        "birth_date": "1990-01-01",
        "member_number": "99999999",
    }
    for column, value in given.items():
        shared(connection, column, value, 14)

    counts = suspects.propose(connection, NIGHT)

    assert counts == {"phone": 1, "email": 1, "postal_address": 1, "birth_date": 1, "member_number": 1}
    assert {value for _, value, _ in proposed(connection)} == set(given.values())


def test_a_phone_of_many_records_without_a_name_is_proposed(connection: Connection) -> None:
    brand(connection)
    for number in range(20):
        add(connection, {"source_key": f"walk-in {number}", "phone": STORE_PHONE})

    assert suspects.propose(connection, NIGHT) == {"phone": 1}


def test_a_name_is_proposed_when_its_halves_meet_too_often(connection: Connection) -> None:
    brand(connection)
    for number in range(15):
        add(connection, {"source_key": f"sample {number}", "name": "司马 缸", "phone": f"+88691234{number:04d}"})

    assert suspects.propose(connection, NIGHT) == {"full_name": 1}


def test_only_as_many_are_proposed_as_somebody_can_look_at(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    brand(connection)
    monkeypatch.setattr(suspects, "MOST", 2)
    for phone, people in (("+886223451188", 12), ("+886223451189", 16), ("+886223451190", 14)):
        for number in range(people):
            name = f"{SURNAMES[number]} {GIVEN[number]}明"
            add(connection, {"source_key": f"{phone} {number}", "name": name, "phone": phone})

    suspects.propose(connection, NIGHT)

    assert [found.people for found in suspects.listed(connection)] == [16, 14]


def test_one_customers_many_records_are_one_person(connection: Connection) -> None:
    brand(connection)
    for number in range(40):
        row = {"source_key": f"guest {number}", "name": "王 小明", "phone": STORE_PHONE, "birth_date": "1985-05-05"}
        add(connection, row)

    assert suspects.propose(connection, NIGHT) == {}


def test_a_suspect_keeps_the_night_it_was_first_seen_and_goes_with_its_cause(connection: Connection) -> None:
    brand(connection)
    shared(connection, "phone", STORE_PHONE, 14)
    suspects.propose(connection, NIGHT)
    suspects.propose(connection, LATER)
    (found,) = suspects.listed(connection)
    assert (found.since, found.people) == ("2026-11-20", 14)

    connection.execute("update standardised.customers set phone = null where phone = %s", (STORE_PHONE,))

    assert suspects.propose(connection, LATER) == {}
    assert proposed(connection) == []


def test_what_was_dismissed_is_kept_and_proposed_no_more(connection: Connection) -> None:
    brand(connection)
    shared(connection, "phone", STORE_PHONE, 14)
    suspects.propose(connection, NIGHT)
    (found,) = suspects.listed(connection)

    assert suspects.dismiss(connection, found.number)
    assert not suspects.dismiss(connection, "no such")

    assert suspects.propose(connection, LATER) == {}
    assert suspects.listed(connection) == []
    assert proposed(connection) == [("phone", STORE_PHONE, "dismissed")]


def test_the_command_masks_values_unless_it_is_told_to_show_them(connection: Connection, warehouse_url: str) -> None:
    brand(connection)
    shared(connection, "phone", STORE_PHONE, 14)
    suspects.propose(connection, NIGHT)
    connection.commit()

    def printed(*arguments: str) -> str:
        result = CliRunner().invoke(app, ["suspects", *arguments], obj=lambda: Settings(url=warehouse_url))
        assert result.exit_code == 0, result.output
        return result.output

    masked = printed()
    assert STORE_PHONE[1:] not in masked and "phone\t+•" in masked
    assert STORE_PHONE in printed("--show")
    number = masked.splitlines()[1].split("\t")[0]
    assert len(printed("--dismiss", number).splitlines()) == 1
    assert "dismissed" in printed("--all")
