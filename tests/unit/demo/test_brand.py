"""The brand's people: the same every time, and a later day only adds to an earlier one."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_warehouse.demo.brand import Brand, Traces
from customer_warehouse.demo.dirt import Dirt
from customer_warehouse.demo.moments import EPOCH_DATE, day_index, end_of
from customer_warehouse.demo.person import draw_person

NIGHT = end_of(date(2026, 11, 20))
DAYS = st.integers(0, 1500).map(lambda days: end_of(EPOCH_DATE + timedelta(days=days)))


def shown(traces: Traces) -> dict[str, object]:
    """The person's traces as plain values."""
    return {name: getattr(traces, name) for name in Traces.__slots__}


def test_the_same_brand_is_the_same_again() -> None:
    first = [shown(traces) for traces in Brand(people=60).traces(NIGHT)]
    again = [shown(traces) for traces in Brand(people=60).traces(NIGHT)]

    assert first == again
    assert len(first) > 60


def test_another_seed_is_another_brand() -> None:
    first = next(Brand(seed=1, people=60).traces(NIGHT))
    other = next(Brand(seed=2, people=60).traces(NIGHT))

    assert shown(first) != shown(other)


def test_a_person_does_not_depend_on_how_many_others_there_are() -> None:
    few = [shown(traces) for traces in Brand(people=50).traces(NIGHT) if traces.person < "p0000050"]
    many = [shown(traces) for traces in islice(Brand(people=900).traces(NIGHT), 50) if traces.person < "p0000050"]

    assert few[: len(many)] == many[: len(few)]


@settings(max_examples=15, deadline=None)
@given(earlier=DAYS, later=DAYS)
def test_a_later_day_only_adds_to_an_earlier_one(earlier: int, later: int) -> None:
    earlier, later = sorted((earlier, later))
    brand = Brand(people=25)
    before = list(brand.traces(earlier))
    after = {traces.person: traces for traces in brand.traces(later)}

    for traces in before:
        same = after[traces.person]
        assert set(traces.till) <= set(same.till)
        assert {line for line in same.till if line.day < day_index(earlier)} <= set(traces.till)
        customers, orders = {row.id: row for row in same.customers}, {row.id: row for row in same.orders}
        for row in traces.orders:
            assert orders[row.id] == row or orders[row.id].updated_at >= earlier
        for row in traces.customers:
            assert row.id not in customers or customers[row.id] == row or customers[row.id].updated_at >= earlier
        for table, line in traces.desk:
            if table in ("messages", "case_status_history", "satisfaction_ratings"):
                assert (table, line) in same.desk


@settings(max_examples=10, deadline=None)
@given(until=DAYS)
def test_nothing_is_known_of_what_happens_later(until: int) -> None:
    for traces in islice(Brand(people=40).traces(until), 40):
        assert all(row.updated_at < until for row in traces.customers + traces.orders)
        assert all(line.day < day_index(until) for line in traces.till)


def test_the_brand_goes_on_winning_people() -> None:
    brand = Brand(people=200)

    counts = [
        sum(1 for traces in brand.traces(end_of(date(year, 12, 1))) if traces.person[0] == "p")
        for year in (2024, 2025, 2026, 2028)
    ]

    assert counts[0] < counts[1] < 200 <= counts[2] < counts[3]


@pytest.mark.parametrize("region", ["TW", "CN", "HK", "EN"])
def test_true_phones_are_numbers_of_their_region(region: str) -> None:
    people = [draw_person(7, index, 2000, NIGHT + 10**9, Dirt()) for index in range(2000)]
    phones = [person.phone for person, _ in filter(None, people) if person.region == region]

    assert len(phones) > 100
    for phone in phones:
        number = phonenumbers.parse(phone.e164)
        assert phonenumbers.is_valid_number(number)
        assert phonenumbers.region_code_for_number(number) in (phone.country, "GG", "JE", "IM")


def test_true_addresses_of_mail_are_one_person_s() -> None:
    people = [draw_person(7, index, 3000, NIGHT + 10**9, Dirt()) for index in range(3000)]
    emails = [person.email for person, _ in filter(None, people)]

    assert len(set(emails)) == len(emails) == 3000


def test_people_come_from_the_brand_s_regions() -> None:
    people = [draw_person(7, index, 3000, NIGHT + 10**9, Dirt()) for index in range(3000)]
    regions = [person.region for person, _ in filter(None, people)]
    shares = {region: regions.count(region) / 3000 for region in sorted(set(regions))}

    assert shares == pytest.approx({"TW": 0.60, "CN": 0.15, "HK": 0.12, "EN": 0.13}, abs=0.03)
