"""The dirt: every kind is in the table, as often as the table says, and can be seen in what the sources show."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date
from math import sqrt

import pytest

from customer_warehouse.demo import dirt
from customer_warehouse.demo.brand import Brand
from customer_warehouse.demo.dirt import RATES, Dirt, explanations, full_width
from customer_warehouse.demo.moments import end_of
from customer_warehouse.demo.truth import Fact
from customer_warehouse.demo.world import World


@pytest.fixture(scope="module")
def sample() -> tuple[Dirt, list[Fact]]:
    """What 2,000 people make of it."""
    counted, facts = Dirt(), []
    for traces in Brand(people=2000).traces(end_of(date(2026, 11, 20)), counted):
        facts += traces.facts
    return counted, facts


def test_every_kind_is_explained() -> None:
    assert [kind for kind in explanations() if kind != "kind"] == list(RATES)


@pytest.mark.parametrize("kind", RATES)
def test_each_kind_strikes_as_often_as_the_table_says(kind: str, sample: tuple[Dirt, list[Fact]]) -> None:
    counted, rate = sample[0], RATES[kind]
    tried, struck = counted.tried[kind], counted.struck[kind]

    assert tried > 100
    assert abs(struck - tried * rate) <= 5 * sqrt(tried * rate * (1 - rate)) + 1


SEEN: dict[str, tuple[str, Callable[[str, str], bool], float, float]] = {
    "full-width phones": ("phone", lambda raw, _: raw != "" and raw == full_width(raw), 0.005, 0.02),
    "placeholder phones": ("phone", lambda raw, _: raw in dirt.PLACEHOLDER_PHONES, 0.002, 0.012),
    "phones that are the true number": (
        "phone",
        lambda raw, true: re.sub(r"\D", "", raw)[-8:] == true[-8:],
        0.70,
        0.97,
    ),
    "placeholder e-mail addresses": ("email", lambda raw, _: raw in dirt.PLACEHOLDER_EMAILS, 0.001, 0.01),
    "e-mail addresses in capitals": ("email", lambda raw, true: raw != true and raw.lower() == true, 0.01, 0.05),
    "missing e-mail addresses": ("email", lambda raw, _: raw == "", 0.05, 0.30),
    "names that are the true name": ("full_name", lambda raw, true: raw == true, 0.70, 0.90),
    "names in Latin letters": ("full_name", lambda raw, true: raw.isascii() and not true.isascii(), 0.05, 0.15),
    "birth dates in the Republic's calendar": (
        "birth_date",
        lambda raw, _: bool(re.match(r"民國|\d{2,3}/|\d{7}$", raw)),
        0.02,
        0.12,
    ),
    "missing birth dates": ("birth_date", lambda raw, _: raw == "", 0.18, 0.32),
    "full-width addresses": ("postal_address", lambda raw, _: bool(re.search(r"[\uff10-\uff19]", raw)), 0.015, 0.045),
    "unmapped genders": ("gender", lambda raw, _: raw in dirt.UNMAPPED_GENDERS, 0.0, 0.012),
}


@pytest.mark.parametrize("name", SEEN)
def test_dirt_is_seen_in_the_records(name: str, sample: tuple[Dirt, list[Fact]]) -> None:
    column, is_it, least, most = SEEN[name]
    facts = [fact for fact in sample[1] if fact.column == column]

    share = sum(is_it(fact.raw, fact.true) for fact in facts) / len(facts)

    assert least <= share <= most


def test_the_world_keeps_the_count_of_its_dirt_aside(world: World) -> None:
    with (world.truth / "dirt.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert [row["kind"] for row in rows] == list(RATES)
    assert sum(int(row["struck"]) for row in rows) > 500
