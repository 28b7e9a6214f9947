"""Identity's figures against what is asked of them."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from customer_warehouse.bench.identity_report import print_tables, targets


def accuracy(f1: float, precision: float = 0.99, b_cubed: float = 0.99) -> dict[str, Any]:
    return {
        "pairwise": {"precision": precision, "recall": f1, "f1": f1},
        "b_cubed": {"precision": b_cubed, "recall": b_cubed, "f1": b_cubed},
    }


def run(seconds: float, peak_mb: float = 500, **more: Any) -> dict[str, Any]:
    return {"seconds": seconds, "processor": seconds, "peak_mb": peak_mb, **more}


def size(records: int, ours: float, peer: float, f1: float = 0.98, peak_mb: float = 500) -> dict[str, Any]:
    theirs = {"fixed": {"threshold": 0.95, **accuracy(0.93)}, "best": {"threshold": 0.99, **accuracy(0.95)}}
    return {
        "records": records,
        "ours": run(ours, peak_mb, **accuracy(f1)),
        "peer": run(peer, **theirs),
    }


def verdicts(found: dict[str, Any]) -> dict[str, bool | None]:
    return {target.what: target.passes for target in targets(found)}


def test_a_run_that_meets_everything_passes() -> None:
    found = {
        "generated": [size(100_000, 5.0, 7.0), size(500_000, 30.0, 40.0)],
        "nights": {
            "records": 500_000,
            "share": 0.01,
            "first": run(60.0),
            "changed": run(5.0),
            "full": run(55.0),
        },
        "truth": {
            "people": 100_000,
            "records": 210_000,
            "ours": run(20.0, **accuracy(0.985, 0.999)),
            "peer": size(1, 1, 1)["peer"],
        },
    }

    said = verdicts(found)

    assert [what for what, passes in said.items() if passes is not True] == ["peak MB, 100,000 records"]
    assert "cost of a record, 500,000 by 100,000" in said
    assert "night of 1% changed by a full run, 500,000 records" in said
    assert "demo: pairwise precision" in said


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"ours": 8.0}, "seconds by the peer's, 500,000 records"),
        ({"f1": 0.94}, "F1 above the peer's at best 0.99, 500,000 records"),
        ({"peak_mb": 3_001}, "peak MB, 500,000 records"),
    ],
)
def test_what_falls_short_is_said(changed: dict[str, Any], what: str) -> None:
    found = {"generated": [size(**({"records": 500_000, "ours": 5.0, "peer": 7.0} | changed))]}

    assert [target for target, passes in verdicts(found).items() if passes is False] == [what]


def test_a_smaller_run_says_nothing_about_what_is_asked_of_a_large_one() -> None:
    found = {
        "generated": [size(10_000, 1.0, 2.0, peak_mb=9_000), size(20_000, 9.0, 10.0)],
        "nights": {"records": 1_000, "share": 0.01, "first": run(1), "changed": run(1), "full": run(1)},
    }

    said = verdicts(found)

    assert said["peak MB, 10,000 records"] is None
    assert said["cost of a record, 20,000 by 10,000"] is None
    assert said["night of 1% changed by a full run, 1,000 records"] is None


def test_every_figure_is_printed() -> None:
    out = StringIO()

    print_tables({"generated": [size(100_000, 5.0, 7.0)]}, Console(file=out, width=160))

    printed = out.getvalue()
    assert "ours, 100,000 generated" in printed
    assert "Splink, 100,000 generated, 0.99 (best by the truth)" in printed
    assert "passes" in printed
