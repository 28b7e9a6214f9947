"""Cases from life: records as sources give them, and which of them are one person."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from fixtures.identity.resolving import Found, standard_record

SCENARIOS = sorted((Path(__file__).parents[2] / "fixtures" / "identity" / "scenarios").glob("*.yml"))


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_the_rules_find_the_people(file: Path) -> None:
    scenario = yaml.safe_load(file.read_text(encoding="utf-8"))

    found = Found(standard_record(key, raw) for key, raw in scenario["records"].items())

    assert found.people == {frozenset(person) for person in scenario["people"]}
    assert found.held == scenario.get("held", {})
    if "links" in scenario:
        assert Counter(rule for _, _, rule, _ in found.links) == scenario["links"]


def test_there_are_scenarios_and_each_names_every_record_once() -> None:
    assert len(SCENARIOS) >= 40
    for file in SCENARIOS:
        scenario = yaml.safe_load(file.read_text(encoding="utf-8"))
        named = [key for person in scenario["people"] for key in person]
        assert sorted(named) == sorted(scenario["records"]), file.stem
