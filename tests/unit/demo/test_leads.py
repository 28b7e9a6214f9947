"""Who asked to hear more, and what was registered: each fits the person and the purchases it speaks of."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from itertools import islice

import pytest

from customer_warehouse.demo.brand import Brand
from customer_warehouse.demo.desk import TABLES
from customer_warehouse.demo.leads import GUARANTEE
from customer_warehouse.demo.moments import DAY, EPOCH

PEOPLE = 600
Tables = dict[str, list[list[str]]]


def desk_until(days: int) -> Tables:
    found: Tables = {table: [] for table in TABLES}
    for traces in islice(Brand(people=PEOPLE).traces(EPOCH + days * DAY), PEOPLE):
        for table, line in traces.desk:
            found[table].append(next(csv.reader([line])))
    return found


@pytest.fixture(scope="module")
def desk() -> Tables:
    """The lines of every table of the desk of 600 people."""
    return desk_until(500)


def test_a_lead_stands_where_its_last_change_left_it(desk: Tables) -> None:
    leads = {row[0]: row for row in desk["leads"]}
    changes: dict[str, list[list[str]]] = {}
    for row in desk["lead_stage_history"]:
        changes.setdefault(row[1], []).append(row)

    assert len(leads) == len(desk["leads"]) > 20
    assert {row[6] for row in leads.values()} == {"new", "working", "converted", "unqualified"}
    assert set(changes) == set(leads)
    for key, (*_, status, reason, created, updated) in leads.items():
        times = [row[3] for row in changes[key]]
        assert times == sorted(times) and times[0] == created and times[-1] == updated
        assert changes[key][-1][2] == status
        assert all(row[3] <= row[4] <= updated for row in changes[key])
        assert bool(reason) == (status == "unqualified")


def test_a_later_night_only_adds_to_what_is_known_of_leads(desk: Tables) -> None:
    before = desk_until(400)

    later = {row[0]: row for row in desk["lead_stage_history"]}
    assert all(later[row[0]] == row for row in before["lead_stage_history"])
    kept = {row[0]: row[:6] for row in desk["leads"]}
    assert all(kept[row[0]] == row[:6] for row in before["leads"])
    assert {row[0] for row in before["product_registrations"]} < {row[0] for row in desk["product_registrations"]}


def test_a_registration_follows_its_purchase_and_holds_two_years(desk: Tables) -> None:
    assert len(desk["product_registrations"]) > 10
    for _, reference, sku, bought, registered, until, updated in desk["product_registrations"]:
        day = datetime.fromisoformat(bought).date()
        assert reference and sku
        assert day < datetime.fromisoformat(registered).date() + timedelta(days=1)
        assert registered == updated
        assert (datetime.fromisoformat(until).date() - day).days == GUARANTEE
