"""The rules as a business person writes them: what is refused, and that the version changes with them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from customer_warehouse.identity.bypass import Bypass
from customer_warehouse.identity.policy import Policy
from customer_warehouse.identity.rules import FILE, load_rules


def declared(tmp_path: Path, **changes: object) -> Path:
    """The shipped rules with other values in one rule (`rule`) or at the top."""
    document = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    document["rules"][-1] |= changes.pop("rule", {})  # type: ignore[operator]  # YAML has no types
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump(document | changes), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rule": {"names": ["equal", "different"]}}, "no rule links different names"),
        ({"rule": {"names": ["equal"], "names_if_weak": ["equal", "partial"]}}, "or more where an identifier is weak"),
        ({"rule": {"names": ["nearly"]}}, "names"),
        ({"rule": {"agree": ["shoe_size"]}}, "shoe_size is no column of a record"),
        ({"rule": {"agree": []}}, "agree"),
        ({"rule": {"cap": 1}}, "cap"),
        ({"rule": {"colour": "blue"}}, "colour"),
        ({"rule": {"strength": "strong"}}, "rules go from strong to weak"),
        ({"rule": {"name": "same_phone_and_name"}}, "two rules have one name"),
        ({"thresholds": {"link": 0.8, "review": 0.9}}, "review must not be above link"),
        ({"rule": {"agree": ["birth_date"]}}, "birth_date is no identifier"),
        ({"rule": {"agree": ["full_name_key"]}}, "full_name_key cannot be compared by a rule"),
        ({"rule": {"not_different": ["kind"]}}, "kind cannot be compared by a rule"),
        ({"unique": ["birth_date"]}, "birth_date is no identifier"),
        ({"rule": {"name": "phone"}}, "phone is the name of something else than a rule"),
        ({"rule": {"name": "steward"}}, "steward is the name of something else than a rule"),
        ({"rule": {"name": "scored"}}, "scored is the name of something else than a rule"),
        ({"unique": ["passport"]}, "passport is no column of a record"),
        ({"rule": {"names": None}}, "only a rule that looks at names"),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_refused_with_its_reason(
    tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        load_rules(declared(tmp_path, **changes))


def test_the_version_changes_with_every_value_that_can_change_an_answer(tmp_path: Path) -> None:
    shipped = Policy(model=None)
    others = [
        Policy.of(load_rules(declared(tmp_path, rule={"cap": 21}))),
        Policy.of(load_rules(declared(tmp_path, rule={"names": ["equal"]}))),
        Policy.of(load_rules(declared(tmp_path, sources={"till": {"phone": "weak"}}))),
        Policy.of(load_rules(declared(tmp_path, thresholds={"link": 0.9, "review": 0.75}))),
        replace(shipped, bypass=(Bypass("phone", "+886227123450", "store 1", "the store's own"),)),
        replace(shipped, rules=shipped.rules[1:]),
    ]

    assert len({policy.fingerprint for policy in (shipped, *others)}) == 1 + len(others)


def test_who_answers_for_a_bypass_and_until_when_is_no_version() -> None:
    row = Bypass("phone", "+886227123450", "store 1", "the store's own")
    same = replace(row, owner="store 2", expires=date(2027, 1, 1))

    assert Policy(bypass=(row,)).fingerprint == Policy(bypass=(same,)).fingerprint


def test_the_version_is_the_same_in_every_process() -> None:
    code = "from customer_warehouse.identity.policy import Policy; print(Policy().fingerprint)"
    plugins = str(FILE.parents[2])
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": plugins, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]

    assert said == [Policy().fingerprint] * 2
