"""A real shop's till export, through its declaration alone: the marts say what the files say, to the cent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from customer_warehouse.embedded.postgres import free_port
from customer_warehouse.settings import PACKAGE, PROJECT

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
        finally:
            subprocess.run([*program, "stop"], env=environment, capture_output=True, timeout=60, check=False)

    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    last = json.loads(report.read_text(encoding="utf-8"))["nights"][-1]
    assert {figure["name"]: figure["marts"] for figure in last["figures"]} == {
        "lines": "541909",
        "invoices": "25900",
        "customers": "4372",
        "revenue": "9747747.934",
    }
    assert all(figure["difference"] == "0" for figure in last["figures"])
