"""Kin, passed-on numbers, changed names and companies: what makes two people look like one, and one like two."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cache
from random import Random

import pytest

from customer_warehouse.demo.brand import Brand
from customer_warehouse.demo.dirt import Dirt, mistyped_date
from customer_warehouse.demo.kin import draw_head, is_head
from customer_warehouse.demo.moments import end_of
from customer_warehouse.demo.names import draw_name, married_name, write_name
from customer_warehouse.demo.person import Person, draw_person

SEED, PEOPLE = 7, 6_000
NIGHT = end_of(date(2026, 11, 20))


@cache
def people() -> dict[int, Person]:
    drawn = (draw_person(SEED, index, PEOPLE, NIGHT + 10**9, Dirt()) for index in range(PEOPLE))
    return {person.index: person for person, _ in filter(None, drawn)}


def with_head(*columns: str) -> list[tuple[Person, Person]]:
    """The head of a household and another person, of all who agree on these columns."""
    alike: dict[tuple[object, ...], list[Person]] = defaultdict(list)
    for person in people().values():
        alike[tuple(getattr(person, column) for column in columns)].append(person)
    return [
        (head, person)
        for group in alike.values()
        for head in group
        for person in group
        if is_head(head.index) and not is_head(person.index)
    ]


def test_a_head_drawn_alone_is_the_person_that_is_drawn() -> None:
    for index in range(0, 400, 4):
        head, person = draw_head(SEED, index, PEOPLE), people()[index]

        assert (head.region, head.address, head.name, head.sex) == (
            person.region,
            person.address,
            person.name,
            person.sex,
        )
        assert head.birth_date.isoformat() == person.birth_date


def test_twins_share_day_address_and_surname_and_bear_names_of_their_own() -> None:
    twins = [(one, other) for one, other in with_head("birth_date", "address") if one.name.family == other.name.family]

    assert 10 < len(twins) < 60
    assert all(one.name.given != other.name.given and one.email != other.email for one, other in twins)
    assert 0 < sum(one.phone == other.phone for one, other in twins) < len(twins)


def test_parents_bear_the_name_of_their_child_at_one_address_and_are_older() -> None:
    found = with_head("name", "address")

    assert len(found) > 5
    for child, parent in found:
        assert child.region == parent.region == "EN"
        assert int(child.birth_date[:4]) - int(parent.birth_date[:4]) >= 19


def test_numbers_are_passed_on_to_strangers() -> None:
    found = [(one, other) for one, other in with_head("phone") if one.address != other.address]

    assert len(found) > 15
    for before, after in found:
        assert after.joined - before.joined >= 180 * 86_400
        assert not after.name.full.startswith(before.name.full)


@pytest.mark.parametrize(("region", "part"), [("EN", 0), ("HK", 1)])
def test_a_married_woman_has_another_surname_or_her_husband_s_before_her_own(region: str, part: int) -> None:
    maiden = draw_name(region, "f", Random(3))
    married = married_name(maiden, region, Random(4))

    assert married.given == maiden.given
    assert married.family != maiden.family
    assert married.family.endswith(maiden.family) is bool(part)


def test_a_name_is_the_married_one_from_the_wedding_on() -> None:
    wife = next(person for person in people().values() if person.married_name)

    assert wife.name_at(wife.married - 1) == wife.name
    assert wife.name_at(wife.married) == wife.married_name


def test_a_company_is_a_customer_of_its_own() -> None:
    traces = {each.person: each for each in Brand(people=2_000).traces(NIGHT)}
    companies = {key: each for key, each in traces.items() if key.endswith("-company")}

    assert 3 < len(companies) < 30
    for key, company in companies.items():
        assert not set(company.owned) & set(traces[key.removesuffix("-company")].owned)
        assert len(company.customers) == len(company.owned) == 1


def test_romanised_names_are_spelt_by_several_systems_and_joined_in_several_ways() -> None:
    random, written = Random(5), set()
    name = next(name for name in iter(lambda: draw_name("TW", "f", random), None) if name.latin_family == "Tsai")
    for _ in range(6_000):
        written.add(write_name(name, "f", "desk", Dirt(), random).family)

    assert {"Tsai", "Ts'ai", "Cai", "TSAI", "蔡"} <= written


@pytest.mark.parametrize("day", [date(1988, 2, 29), date(1991, 1, 1), date(1975, 12, 31)])
def test_a_mistyped_date_is_another_date(day: date) -> None:
    mistyped = {mistyped_date(day, Random(seed)) for seed in range(40)}

    assert day not in mistyped
    assert len(mistyped) > 1 or day.day == 29
