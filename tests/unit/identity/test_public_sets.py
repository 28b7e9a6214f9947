"""The stage on public labelled sets, with one set of defaults for all, trained without the truth.

The floors are what was measured when they were written, less a little.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from customer_warehouse.identity.evaluate import Evaluation, evaluate
from customer_warehouse.settings import PROJECT

DATA = PROJECT.parent / "shared" / "data" / "identity"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the public sets are not beside the project")


def measured(name: str) -> Evaluation:
    records, truth, columns = (DATA / f"{name}.{part}" for part in ("records.csv", "truth.csv", "columns.yml"))
    return evaluate(Path(records), Path(truth), Path(columns), train=True, processes=1)


@pytest.mark.parametrize(
    ("name", "pairwise", "b_cubed"),
    [
        ("fake_1000", 0.94, 0.95),
        ("febrl1", 0.998, 0.998),
        pytest.param("febrl2", 0.998, 0.999, marks=pytest.mark.slow),
        pytest.param("febrl3", 0.9994, 0.9995, marks=pytest.mark.slow),
        pytest.param("febrl4", 0.9996, 0.9997, marks=pytest.mark.slow),
        pytest.param("febrl_generator_c10000", 0.99, 0.99, marks=pytest.mark.slow),
    ],
)
def test_a_public_set_is_resolved_at_least_as_well_as_was_measured(name: str, pairwise: float, b_cubed: float) -> None:
    found = measured(name)

    assert found.pairwise.f1 >= pairwise
    assert found.b_cubed.f1 >= b_cubed
    assert found.peak_mb < 1_500
