"""Cases from life: records as sources give them, and which of them are one person (those over time: integration)."""

from __future__ import annotations

from collections import Counter

import pytest

from fixtures.identity import catalogue
from fixtures.identity.resolving import Found, standard_record
from fixtures.identity.scenario import Scenario, scenarios

OF_ONE_NIGHT = [scenario for scenario in scenarios() if not scenario.is_over_time]


@pytest.mark.parametrize("scenario", OF_ONE_NIGHT, ids=lambda scenario: f"{scenario.theme}/{scenario.name}")
def test_the_people_are_found(scenario: Scenario) -> None:
    records = [standard_record(key, raw) for key, raw in scenario.records.items()]

    found = Found(records, scenario.content.get("decisions", []))

    assert found.people == scenario.people
    assert found.held == scenario.content.get("held", {})
    assert found.reviews >= {frozenset(pair) for pair in scenario.content.get("review", [])}
    assert found.conflicts == scenario.content.get("conflicts", 0)
    if "links" in scenario.content:
        assert Counter(rule for _, _, rule, _ in found.links) == scenario.content["links"]


def test_there_are_scenarios_and_each_names_every_record_once() -> None:
    assert len(scenarios()) >= 60
    assert len({scenario.name for scenario in scenarios()}) == len(scenarios())
    for scenario in OF_ONE_NIGHT:
        named = [key for person in scenario.people for key in person]
        assert sorted(named) == sorted(scenario.records), scenario.name


def test_the_catalogue_says_what_the_scenarios_say() -> None:
    assert catalogue.FILE.read_text(encoding="utf-8") == catalogue.catalogue(), catalogue.HOW_TO
