"""Households on a real server: who is grouped, who is not, and that a night of changes gives what a whole one gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customer_warehouse.database import Connection, connect, statement
from customer_warehouse.identity.households import MOST_AT_AN_ADDRESS, MOST_WHO_SHARE, write_households
from customer_warehouse.identity.stage import SCHEMA
from fixtures.identity.resolving import customers_row
from fixtures.identity.standardised import customers_table

HOME = "臺北市大安區和平東路一段12巷3號5樓"
OTHER_HOME = "高雄市苓雅區四維三路6號"

Customers = Mapping[str, list[Mapping[str, Any]]]
"""Customer → the records of the customer. Customers are as old as their names are early in the alphabet."""


@pytest.fixture
def connection(warehouse_url: str) -> Any:
    with connect(warehouse_url) as connection:
        connection.execute(statement(customers_table()))
        connection.execute(statement(SCHEMA.read_text(encoding="utf-8")))
        yield connection


def put(connection: Connection, customers: Customers) -> None:
    """Make these the customers and their records."""
    connection.execute("truncate standardised.customers, identity.customer_records, identity.customers")
    for customer, records in customers.items():
        connection.execute("insert into identity.customers values (%s, '2026-01-01', %s)", (customer, len(records)))
        for number, raw in enumerate(records):
            row = customers_row(f"{customer}-{number}", raw) | {"unit": "u", "kind": "account"}
            values = ", ".join(f"%({column})s" for column in row)
            connection.execute(
                statement(f"insert into standardised.customers ({', '.join(row)}) values ({values})"), row
            )
            identified = (row["source"], row["source_key"], customer)
            connection.execute("insert into identity.customer_records values (%s, %s, %s)", identified)


def households(connection: Connection) -> dict[str, set[str]]:
    """Household → its customers."""
    found: dict[str, set[str]] = {}
    for household, customer in connection.execute("select household_id, customer_id from identity.households"):
        found.setdefault(household, set()).add(customer)
    return found


def test_a_couple_with_one_phone_is_a_household(connection: Connection) -> None:
    put(
        connection,
        {
            "C1": [{"name": "王小明", "phone": "0912555101"}],
            "C2": [{"name": "陳美玲", "phone": "0912 555 101"}],
            "C3": [{"name": "陳美玲", "phone": "0912555102"}],
        },
    )

    write_households(connection)

    assert connection.execute("select * from identity.households order by 2").fetchall() == [
        ("H1", "C1", "phone"),
        ("H1", "C2", "phone"),
    ]


def test_one_surname_at_one_address_is_a_household_however_both_are_written(connection: Connection) -> None:
    put(
        connection,
        {
            "C1": [{"name": "林志明", "address": HOME}],
            "C2": [{"name": "Lin Chih-Hao", "address": "台北市大安區和平東路1段12巷3號5F"}],
            "C3": [{"name": "陳美玲", "address": HOME}],
            "C4": [{"name": "林志豪", "address": OTHER_HOME}],
        },
    )

    write_households(connection)

    assert households(connection) == {"H1": {"C1", "C2"}}


def test_a_street_without_a_house_number_is_no_home(connection: Connection) -> None:
    put(connection, {f"C{n}": [{"name": "林志明", "address": "臺北市大安區和平東路一段"}] for n in range(2)})

    write_households(connection)

    assert households(connection) == {}


@pytest.mark.parametrize(("sharing", "expected"), [(MOST_WHO_SHARE, 1), (MOST_WHO_SHARE + 1, 0)])
def test_a_phone_that_more_share_than_a_family_makes_no_household(
    connection: Connection, sharing: int, expected: int
) -> None:
    put(connection, {f"C{n}": [{"name": f"王{'一二三四五六七八'[n]}", "phone": "0227123450"}] for n in range(sharing)})

    assert write_households(connection) == expected


def test_two_of_one_surname_in_a_dormitory_are_no_household(connection: Connection) -> None:
    surnames = "陳陳林黃張李王吳劉蔡楊許鄭謝洪"
    assert len(surnames) > MOST_AT_AN_ADDRESS
    put(connection, {f"C{n:02}": [{"name": f"{name}志明", "address": HOME}] for n, name in enumerate(surnames)})

    assert write_households(connection) == 0


def test_a_company_lives_with_nobody(connection: Connection) -> None:
    put(
        connection,
        {
            "C1": [{"name": "台積電股份有限公司", "phone": "0227123450"}],
            "C2": [{"name": "王小明", "phone": "0227123450"}],
        },
    )

    assert write_households(connection) == 0


def test_a_bypassed_phone_says_nothing(connection: Connection) -> None:
    put(
        connection,
        {"C1": [{"name": "王小明", "phone": "0912555101"}], "C2": [{"name": "陳美玲", "phone": "0912555101"}]},
    )

    assert write_households(connection, ["+886912555101"]) == 0
    assert write_households(connection, ["+88691255*"]) == 0
    assert write_households(connection, ["+886987654321"]) == 1


def test_a_long_chain_of_passed_on_numbers_is_no_household(connection: Connection) -> None:
    chain = {
        f"C{n:02}": [{"name": "王小明", "phone": f"09125551{n:02}"}, {"name": "王小明", "phone": f"09125551{n + 1:02}"}]
        for n in range(13)
    }
    put(connection, chain)
    assert write_households(connection) == 0

    del chain["C06"]
    put(connection, chain)

    assert write_households(connection, changed=["C06"]) == 2


def test_a_household_keeps_its_id_when_others_join_and_leave(connection: Connection) -> None:
    family = {"C1": [{"name": "王小明", "phone": "0912555101"}], "C2": [{"name": "陳美玲", "phone": "0912555101"}]}
    child = {"C3": [{"name": "王家豪", "phone": "0912555101"}]}
    for customers in (family, family | child, {"C1": family["C1"]} | child):
        put(connection, customers)
        write_households(connection)

        assert households(connection) == {"H1": set(customers)}


def test_households_merge_nobody(connection: Connection) -> None:
    put(
        connection,
        {"C1": [{"name": "王小明", "phone": "0912555101"}], "C2": [{"name": "陳美玲", "phone": "0912555101"}]},
    )
    before = connection.execute("select * from identity.customer_records order by 1, 2").fetchall()

    write_households(connection)

    assert connection.execute("select * from identity.customer_records order by 1, 2").fetchall() == before


RECORDS = st.fixed_dictionaries(
    {"name": st.sampled_from(["王小明", "王美玲", "Chen Mei-Ling", "台積電股份有限公司"])},
    optional={
        "phone": st.sampled_from(["0912555101", "0912555102", "0912555103"]),
        "address": st.sampled_from([HOME, OTHER_HOME]),
    },
)
WORLDS = st.dictionaries(st.sampled_from([f"C{n}" for n in range(9)]), st.lists(RECORDS, min_size=1, max_size=2))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nights=st.lists(WORLDS, min_size=2, max_size=3))
def test_nights_of_changes_give_what_a_whole_night_gives(connection: Connection, nights: list[Customers]) -> None:
    connection.execute("truncate identity.household_keys, identity.households")
    before: Customers = {}
    for customers in nights:
        put(connection, customers)
        changed = [name for name in {*before, *customers} if before.get(name) != customers.get(name)]
        write_households(connection, changed=changed)
        before = customers
    query = "select * from identity.households order by customer_id"
    step_by_step = connection.execute(query).fetchall()

    connection.execute("truncate identity.household_keys, identity.households")
    write_households(connection)

    assert step_by_step == connection.execute(query).fetchall()
