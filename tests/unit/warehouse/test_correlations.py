"""The coefficients that the dbt unit test of `correlations` expects are those of pandas, from the same rows."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
import yaml

from customer_warehouse.settings import Settings

COLUMNS = {"repurchase": "repurchased", "churn": "churned", "satisfaction": "csat"}
Z = 1.959964
"""Of a standard normal deviate, 95 % are nearer to 0."""


def unit_test() -> dict[str, Any]:
    twin = Settings().dbt_project_dir / "models" / "intermediate" / "int_correlations.yml"
    tests = yaml.safe_load(twin.read_text(encoding="utf-8"))["unit_tests"]
    return next(test for test in tests if test["name"] == "ranks_with_ties_give_the_coefficients_that_pandas_gives")


TEST = unit_test()


@pytest.mark.parametrize("expected", TEST["expect"]["rows"], ids=lambda row: f"{row['measure']} {row['outcome']}")
def test_a_coefficient_and_its_interval_are_those_of_pandas(expected: dict[str, Any]) -> None:
    column = COLUMNS[expected["outcome"]]
    pairs = [(row[expected["measure"]], row[column]) for row in TEST["given"][0]["rows"] if row[column] is not None]

    ranks = pd.DataFrame(pairs, dtype=float).rank()
    coefficient = float(ranks[0].corr(ranks[1]))
    width = Z * math.sqrt((1 + coefficient**2 / 2) / (len(pairs) - 3))

    assert expected["customers"] == len(pairs)
    assert float(expected["coefficient"]) == pytest.approx(coefficient, abs=1e-6)
    assert float(expected["coefficient_low"]) == pytest.approx(math.tanh(math.atanh(coefficient) - width), abs=1e-6)
    assert float(expected["coefficient_high"]) == pytest.approx(math.tanh(math.atanh(coefficient) + width), abs=1e-6)
