"""18,000 real addresses of companies on the mainland, as they were typed: how deep each can be read.

Nobody has labelled them. The shares are what was measured (docs/addresses.md), with a little room below.
"""

from __future__ import annotations

import csv
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from customer_warehouse.standardise.postal_address import standardise
from customer_warehouse.standardise.value import Value

FILE = Path(__file__).resolve().parents[4] / "shared" / "data" / "chinese" / "addresses_18k.csv"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FILE.exists(), reason="the real addresses are not beside the project"),
]


@cache
def answers() -> tuple[Value, ...]:
    """What becomes of every different address."""
    with FILE.open(encoding="utf-8", newline="") as file:
        raws = dict.fromkeys(row["原始地址"].strip() for row in csv.DictReader(file))
    return tuple(standardise(raw, region="CN") for raw in raws if raw)


def kind(answer: Value) -> str:
    """What is known of the district, or why it is not."""
    parts = answer.parts or {}
    if answer.value is None:
        return "rejected"
    for flag in ("district_ambiguous", "district_unknown"):
        if flag in answer.flags:
            return flag
    if parts.get("district"):
        return "district"
    if "development_zone" in answer.flags:
        return "development zone instead"
    if parts.get("city") or parts.get("region"):
        return "no district written"
    return "no place written"


def test_most_are_read_to_the_district_and_to_the_house() -> None:
    kinds = Counter(map(kind, answers()))
    count = len(answers())
    houses = sum((answer.parts or {}).get("level") == "house_number" for answer in answers())

    assert count > 16_000
    assert kinds["district"] / count >= 0.65, kinds
    assert houses / count >= 0.68
    assert kinds["district_unknown"] / count < 0.003
    assert kinds["rejected"] / count < 0.003


def test_what_is_standard_stays_as_it_is() -> None:
    for answer in answers():
        if answer.value is not None:
            again = standardise(answer.value, region="CN")

            assert (again.value, again.key) == (answer.value, answer.key)
