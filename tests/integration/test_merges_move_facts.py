"""Two customers become one and two again: their facts, marts and segments follow the same night, and no money is lost.

Every night runs the real identity stage and the real dbt project over the same orders, returns and cases; only what is
known about the people changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest

from customer_warehouse.activation import stage as activation
from customer_warehouse.activation.segments import Segment, load_segments
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.identity import stage as identity
from customer_warehouse.night import Night, night_of
from customer_warehouse.settings import Settings
from integration.dbt_warehouse import build_and_publish_identified, open_run, pass_borders, settings_for, unchecked
from integration.two_customers import (
    EVIDENCE,
    OPENED_BY_TILL,
    ORDERS,
    RETURNS,
    Marts,
    execute,
    fill,
    net,
    of_person,
    put_record,
    read,
    rows_of_records,
    what_followed,
)

pytestmark = pytest.mark.slow

APART = [{"shop", "desk"}, {"till"}]
TOGETHER = [{"shop", "desk", "till"}]
WITH_EVIDENCE = [{"shop", "desk", "till", "guest"}]
OTHERS = [{"chen"}, {"lin"}, {"shy"}]


@dataclass(frozen=True)
class Believed:
    """A night and which records are one person in it."""

    night: Night
    people: list[set[str]]


@pytest.fixture(scope="module")
def story(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Believed, Marts]]]:
    """What readers saw after each night, in which the two customers were found to be one, or no longer."""
    name = f"merges_{uuid4().hex}"
    server.create_database(name, template="empty_warehouse")
    settings = unchecked(settings_for(server.url(name), tmp_path_factory.mktemp("merges")))
    fill(settings)
    seen: dict[str, tuple[Believed, Marts]] = {}

    def run(title: str, day: int, people: list[set[str]]) -> None:
        night = night_of(date(2026, 11, day), "Asia/Taipei")
        open_run(settings.url, night)
        pass_borders(settings, night, "extract", "standardise")
        identity.run(settings, night)
        pass_borders(settings, night, "identity")
        build_and_publish_identified(settings, night)
        activation.build_segments(settings, night)
        seen[title] = (Believed(night, [*people, *OTHERS]), read(settings))

    run("apart", 10, APART)
    put_record(settings, "guest", EVIDENCE)
    run("merged by a record", 11, WITH_EVIDENCE)
    execute(settings, "delete from standardised.customers where source_key = 'guest'")
    run("split because the record was deleted", 12, APART)
    decide(settings, night_of(date(2026, 11, 13), "Asia/Taipei").as_of - timedelta(hours=1))
    run("merged by a steward", 13, TOGETHER)
    execute(
        settings,
        "update identity.overrides set withdrawn_by = 'a steward', withdrawn_at = %s",
        night_of(date(2026, 11, 14), "Asia/Taipei").as_of - timedelta(hours=1),
    )
    run("split by a steward", 14, APART)
    yield seen
    server.drop_database(name)


NIGHTS = (
    *("apart", "merged by a record", "split because the record was deleted"),
    *("merged by a steward", "split by a steward"),
)


@pytest.fixture(params=NIGHTS)
def seen(request: pytest.FixtureRequest, story: dict[str, tuple[Believed, Marts]]) -> tuple[Believed, Marts]:
    return story[request.param]


def test_identity_believes_what_the_night_is_about(seen: tuple[Believed, Marts]) -> None:
    believed, marts = seen

    assert sorted(map(sorted, marts.people.values())) == sorted(map(sorted, believed.people))


def test_customer_360_has_what_all_records_of_a_customer_did_and_nothing_else(seen: tuple[Believed, Marts]) -> None:
    believed, marts = seen

    assert marts.customers == {frozenset(person): of_person(person) for person in believed.people}


def test_payments_points_coupons_carts_reviews_and_messages_go_with_the_records_they_are_of(
    seen: tuple[Believed, Marts],
) -> None:
    believed, marts = seen

    assert marts.followed == {
        frozenset(person): found for person in believed.people if (found := what_followed(person))
    }


def test_rfm_is_that_of_the_customers_of_the_night(seen: tuple[Believed, Marts]) -> None:
    believed, marts = seen
    bought = {frozenset(person): of_person(person) for person in believed.people if of_person(person).orders}
    values = {
        person: ((believed.night.date - done.last_purchase).days, done.orders, done.gross - done.returned)
        for person, done in bought.items()
        if done.last_purchase
    }
    recency, frequency, monetary = ([value[place] for value in values.values()] for place in range(3))

    assert marts.rfm == {
        person: (
            *(days, count, amount),
            *(quintile(-days, [-other for other in recency]), quintile(count, frequency), quintile(amount, monetary)),
        )
        for person, (days, count, amount) in values.items()
    }


def test_segments_list_the_customers_of_the_night(seen: tuple[Believed, Marts]) -> None:
    believed, marts = seen
    night = believed.night.date
    people = {frozenset(person): of_person(person) for person in believed.people}
    lost_before = date(2026, 5, night.day)
    complaining = {p for p in people if p & OPENED_BY_TILL}
    active = {p for p, of in people.items() if of.last_purchase and (night - of.last_purchase).days < 90}
    lost = {p for p, of in people.items() if of.last_purchase and of.last_purchase < lost_before}

    assert complaining
    assert marts.segments == {
        "active": active - complaining,
        "lost": lost - complaining,
        "open_complaint": complaining,
    }


def test_who_enters_or_leaves_a_segment_is_told_with_the_condition_that_flipped(
    story: dict[str, tuple[Believed, Marts]],
) -> None:
    segments = {segment.name: segment for segment in load_segments(Settings().dbt_project_dir)}
    nights = [story[title][1] for title in NIGHTS]
    conditions = set()

    assert nights[0].moved == dict.fromkeys(nights[0].members, ("entered", None, None, None))
    for before, now in pairwise(nights):
        expected = {}
        for name, customer in before.members ^ now.members:
            side = "entered" if (name, customer) in now.members else "left"
            expected[name, customer] = (side, *flipped(segments, segments[name], customer, before, now))
        assert now.moved == expected
        conditions |= {condition for _, condition, _, _ in now.moved.values()}

    assert {"customer_id", "kept_out_of_promotion"} < conditions


def flipped(
    segments: dict[str, Segment], segment: Segment, customer: str, before: Marts, now: Marts
) -> tuple[str | None, str | None, str | None]:
    """The first condition of the segment that is another for the customer, with its values."""
    if customer not in now.values:
        return "customer_id", customer, None
    kept_out = [
        str(any(segments[name].excluded_from_promotion for name, member in marts.members if member == customer)).lower()
        for marts in (before, now)
    ]
    if segment.purpose == "marketing" and kept_out[0] != kept_out[1]:
        return "kept_out_of_promotion", kept_out[0], kept_out[1]
    for condition in segment.conditions:
        values = [marts.values.get(customer, {}).get(condition) for marts in (before, now)]
        if values[0] != values[1]:
            return condition, values[0], values[1]
    return None, None, None


def test_contact_points_are_those_of_all_records_of_a_customer(seen: tuple[Believed, Marts]) -> None:
    believed, marts = seen
    expected = {
        frozenset(person): {
            (kind, row[column])
            for key in person
            for kind, column in (("email", "email_key"), ("phone", "phone"), ("postal_address", "postal_address_key"))
            if (row := rows_of_records()[key])[column]
        }
        for person in believed.people
    }

    assert {person: {point[:2] for point in points} for person, points in marts.contacts.items()} == expected
    for points in marts.contacts.values():
        kinds = [kind for kind, _, role, _ in points if role == "primary"]
        assert sorted(kinds) == sorted({kind for kind, *_ in points})


def test_a_denial_counts_for_all_contacts_of_whoever_is_one_customer_that_night(
    seen: tuple[Believed, Marts],
) -> None:
    _, marts = seen
    consents = {(person, key): consent for person, points in marts.contacts.items() for _, key, _, consent in points}
    by_shop, by_till = "+886912555101", "+886912555202"
    man = next(person for person in marts.contacts if "shop" in person)

    assert consents[man, "ming@gmail.com"] == "granted"
    assert consents[man, by_shop] == ("denied" if "till" in man else "unknown")
    assert {consent for (_, key), consent in consents.items() if key == by_till} == {"denied"}


def test_no_cent_is_lost_or_counted_twice_at_any_level(story: dict[str, tuple[Believed, Marts]]) -> None:
    orders = {found["source_key"]: found for found in ORDERS if found.get("status") != "cancelled"}
    gross = sum(net(found) for found in orders.values())
    returned = sum(found["amount"] for found in RETURNS)
    unknown = net(orders["t5"])

    expected = {
        "orders less returns": gross - returned,
        "customers and the unknown": gross - returned,
        "customers": gross - returned - unknown,
        "rfm": gross - returned - unknown,
        "days": gross - returned,
        "sources": gross - returned,
        "attributed and not, less returns": gross - returned,
    }
    assert {title: marts.totals for title, (_, marts) in story.items()} == dict.fromkeys(NIGHTS, expected)


def test_an_id_that_ended_in_a_merge_leads_to_whoever_has_its_records(
    story: dict[str, tuple[Believed, Marts]],
) -> None:
    before, merged = story["apart"][1], story["merged by a record"][1]
    (ended,) = before.people.keys() - merged.people.keys()

    assert before.people[ended] == {"till"}
    assert "till" in merged.people[merged.leads_to[ended]]


def test_whoever_is_one_person_all_the_time_stays_as_he_was(story: dict[str, tuple[Believed, Marts]]) -> None:
    first = story["apart"][1]

    for _, marts in story.values():
        for person in map(frozenset, OTHERS):
            assert marts.customers[person] == first.customers[person]
            assert marts.contacts[person] == first.contacts[person]
            assert marts.id_of(person) == first.id_of(person)


def quintile(value: Any, values: list[Any]) -> int:
    """1 to 5 by the share of `values` that are less."""
    return 1 + 5 * sum(other < value for other in values) // len(values)


def decide(settings: Settings, when: datetime) -> None:
    execute(
        settings,
        "insert into identity.overrides (source_a, key_a, source_b, key_b, decision, decided_by, decided_at, reason)"
        " values ('shop', 'shop', 'till', 'till', 'same', 'a steward', %s, 'He showed both cards.')",
        when,
    )
