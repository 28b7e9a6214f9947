"""Cases from life over several nights, on a real server: who keeps which id, and whose the purchases are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from customer_warehouse.database import Connection, connect, statement
from customer_warehouse.identity import stage
from customer_warehouse.night import Night, night_of
from customer_warehouse.settings import Settings
from fixtures.identity.resolving import override
from fixtures.identity.scenario import Scenario, scenarios
from fixtures.identity.standardised import customers_table, put_records

OVER_TIME = [scenario for scenario in scenarios() if scenario.is_over_time]
FIRST_NIGHT = date(2026, 11, 10)


@pytest.fixture
def settings(warehouse_url: str) -> Settings:
    """A warehouse in which no night of identity has been."""
    with connect(warehouse_url) as connection:
        connection.execute(statement(customers_table()))
        connection.execute(statement(stage.SCHEMA.read_text(encoding="utf-8")))
    return Settings(url=warehouse_url)


@pytest.mark.parametrize("scenario", OVER_TIME, ids=lambda scenario: f"{scenario.theme}/{scenario.name}")
def test_every_night_knows_its_customers(scenario: Scenario, settings: Settings) -> None:
    records: dict[str, Mapping[str, Any]] = {}
    spent: dict[str, Decimal] = {}
    ids: dict[str, str] = {}
    for number, content in enumerate(scenario.content["nights"]):
        night = night_of(FIRST_NIGHT + timedelta(days=number), "Asia/Taipei")
        records = {**content.get("records", records), **content.get("change", {})}
        records = {key: record for key, record in records.items() if key not in content.get("delete", [])}
        spent |= {key: Decimal(amount) for key, amount in content.get("spent", {}).items()}
        put_records(settings.url, records)
        with connect(settings.url) as connection:
            decide(connection, content, night, records)

        stage.run(settings, night)

        with connect(settings.url) as connection:
            check(connection, content, ids, spent, f"night {number + 1}")
            check_changes(connection, content, night)


def decide(connection: Connection, content: Mapping[str, Any], night: Night, records: Mapping[str, Any]) -> None:
    """Write down and withdraw the decisions of the day before the night."""
    morning = night.as_of - timedelta(hours=12)
    sources = {key: record.get("source", "shop_platform") for key, record in records.items()}
    for decision in content.get("decisions", []):
        given = override(0, decision, sources)
        expires_at = morning + timedelta(days=decision["nights"]) if "nights" in decision else None
        connection.execute(
            """
            insert into identity.overrides
                (source_a, key_a, source_b, key_b, decision, decided_by, decided_at, reason, expires_at)
            values (%s, %s, %s, %s, %s, 'steward', %s, 'as the scenario says', %s)
            """,
            (*given.a, *given.b, given.decision, morning, expires_at),
        )
    for pair in content.get("withdraw", []):
        done = connection.execute(
            "update identity.overrides set withdrawn_at = %s, withdrawn_by = 'steward'"
            " where key_a = any(%s) and key_b = any(%s) and withdrawn_at is null",
            (morning, pair, pair),
        )
        assert done.rowcount == 1
    connection.commit()


def check(
    connection: Connection, content: Mapping[str, Any], ids: dict[str, str], spent: Mapping[str, Decimal], when: str
) -> None:
    """Compare the tables with what the night's scenario demands; `ids` are the labels met so far."""
    found: dict[str, str] = dict(
        connection.execute("select source_key, customer_id from identity.customer_records").fetchall()
    )
    if "people" in content:
        customers = {label: {found.get(key) for key in keys} for label, keys in content["people"].items()}
        assert all(len(customer) == 1 for customer in customers.values()), (when, found)
        assert {key for keys in content["people"].values() for key in keys} == found.keys(), when
        for label, (customer,) in customers.items():
            assert customer is not None
            assert label in ids or customer not in ids.values(), f"{when}: {label} has the id of another"
            assert ids.setdefault(label, customer) == customer, f"{when}: {label} has another id"
    for group in content.get("together", []):
        assert len({found[key] for key in group}) == 1, (when, found)
    for group in content.get("apart", []):
        assert len({found[key] for key in group}) == len(group), (when, found)
    aliases = dict(connection.execute("select customer_id, survivor_id from identity.aliases").fetchall())
    if "people" in content:
        assert aliases == {ids[ended]: ids[kept] for ended, kept in content.get("aliases", {}).items()}, when
    query = "select customer_id, previous_customer_id from identity.customers where previous_customer_id is not null"
    if "previous" in content:
        came_from = dict(connection.execute(query).fetchall())
        assert came_from == {ids[new]: ids[old] for new, old in content["previous"].items()}, when
    if "revenue" in content:
        revenue: dict[str, Decimal] = {}
        for key, amount in spent.items():
            revenue[found[key]] = revenue.get(found[key], Decimal()) + amount
        assert revenue == {ids[label]: Decimal(amount) for label, amount in content["revenue"].items()}, when
    assert dict(connection.execute("select customer_id, records from identity.customers").fetchall()) == Counter(
        found.values()
    ), when
    if "households" in content:
        households: dict[str, set[str]] = {}
        for household, customer in connection.execute("select household_id, customer_id from identity.households"):
            households.setdefault(household, set()).add(customer)
        expected = [{ids[label] for label in household} for household in content["households"]]
        assert sorted(map(sorted, households.values())) == sorted(map(sorted, expected)), when


def check_changes(connection: Connection, content: Mapping[str, Any], night: Night) -> None:
    """Compare what the night wrote into the history with what the scenario demands."""
    if "changes" in content:
        query = "select source_key, kind, cause from identity.changes where since = %s"
        found = {key: [kind, cause] for key, kind, cause in connection.execute(query, (night.as_of,))}
        assert found == content["changes"]
