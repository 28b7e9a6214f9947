"""A real shop's till export, through its declaration alone: the marts say what the files say, to the cent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from customer_warehouse.embedded.postgres import OWNER, free_port
from customer_warehouse.night import night_of
from customer_warehouse.settings import PACKAGE, PROJECT, Settings
from customer_warehouse.warehouse.stage import LEFT_TO_THE_TEST_SUITE
from integration.dbt_warehouse import run_dbt
from integration.online_retail_books import Books

MONEY = ("gross_revenue", "returns_amount", "net_revenue")
LAST_NIGHT = night_of(date(2011, 12, 9), "Europe/London")
DATA = PROJECT.parent / "shared" / "data" / "online_retail"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real till export is not beside this checkout"),
]


def test_a_year_of_a_real_shop_reconciles(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    with tempfile.TemporaryDirectory(prefix="customer-warehouse-acceptance-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        environment = os.environ | {
            "PYTHONPATH": str(PACKAGE.parent),
            "WAREHOUSE_STATE_DIR": f"{folder}/local",
            "POSTGRES_PORT": str(free_port()),
        }
        program = [sys.executable, "-m", "customer_warehouse"]
        try:
            command = [*program, "acceptance", "--data", str(DATA), "--nights", "1", "--json", str(report)]
            result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=540, check=False)
            address = f"postgresql://{OWNER}@127.0.0.1:{environment['POSTGRES_PORT']}/acceptance_online_retail"
            left = run_dbt(Settings(url=address), tmp_path, LAST_NIGHT, "test", "--select", *LEFT_TO_THE_TEST_SUITE)
        finally:
            subprocess.run([*program, "stop"], env=environment, capture_output=True, timeout=60, check=False)

    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    assert left.returncode == 0, left.stdout[-3000:]
    document = json.loads(report.read_text(encoding="utf-8"))
    last = document["nights"][-1]
    assert {figure["name"]: figure["marts"] for figure in last["figures"]} == {
        "lines": "541909",
        "invoices": "25900",
        "customers": "4372",
        "revenue": "9747747.934",
    }
    assert all(figure["difference"] == "0" for figure in last["figures"])
    holds_beside(Books(DATA), document["marts"])


def holds_beside(books: Books, marts: dict[str, Any]) -> None:
    """The marts' figures are those that DuckDB finds in the files."""
    totals = {name: Decimal(value) for name, value in marts["totals"].items()}
    expected = books.totals()
    assert len(expected) >= 24
    assert {name: round(totals[name], 9) for name in expected} == {
        name: round(value, 9) for name, value in expected.items()
    }
    assert expected["customers"] + totals["won_back_customers"] - totals["lost_customers"] == expected["kept_customers"]
    months = (*("customers", "new_customers", "repeat_customers", "retained_customers", "orders"), *MONEY)
    assert [(row["month"], *(Decimal(row[name]) for name in months)) for row in marts["months"]] == books.months()
    assert [
        (row["week"], int(row["customers"]), int(row["orders"])) for row in marts["weeks"] if row["orders"] != "0"
    ] == books.weeks()
    assert {
        (row["cohort_month"], int(row["months_since"])): int(row["active_customers"])
        for row in marts["cohorts"]
        if row["active_customers"] != "0"
    } == books.cohorts()
    segments = {row["rfm_segment"]: int(row["customers_by_scores"]) for row in marts["rfm"]}
    assert (segments["Champions"], segments["Lost"]) == books.champions_and_lost()
    assert sum(segments.values()) == expected["people"]
    assert len(marts["affinity"]) == 20
    for row in marts["affinity"][:6]:
        counts = tuple(
            int(row[name]) for name in ("orders_together", "product_orders", "other_product_orders", "all_orders")
        )
        assert counts == books.pair(row["sku"], row["other_sku"])
        assert Decimal(row["lift"]) == pytest.approx(Decimal(counts[0] * counts[3]) / (counts[1] * counts[2]))
