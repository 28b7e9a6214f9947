"""The command `bench`, at the smallest size; how fast anything is does not matter here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from customer_warehouse.embedded.layout import Layout
from customer_warehouse.embedded.postgres import free_port
from customer_warehouse.settings import PROJECT


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """An embedded deployment of this module's own: a state folder and free ports."""
    home = Path(tempfile.mkdtemp(prefix="customer-warehouse-bench-"))
    home.chmod(0o755)
    ports = {f"{name}_PORT": str(free_port()) for name in ("POSTGRES", "AIRFLOW", "SHOP")}
    own = {"WAREHOUSE_STATE_DIR": str(home / "state"), "PYTHONPATH": str(PROJECT / "plugins"), **ports}
    yield {name: value for name, value in os.environ.items() if not name.startswith("WAREHOUSE_")} | own
    Layout.from_environment(own).server.remove()
    shutil.rmtree(home, ignore_errors=True)


def bench(environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "customer_warehouse", "bench", *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=500, check=False)


@pytest.mark.slow
def test_a_stage_is_measured_on_what_those_before_it_made(environment: dict[str, str], tmp_path: Path) -> None:
    report = tmp_path / "bench.json"

    done = bench(environment, "--people", "40", "--repeats", "2", "--stage", "standardise", "--json", str(report))

    assert (done.returncode, done.stderr) == (0, "")
    measured = {row["name"]: row for row in json.loads(report.read_text())["measured"]}
    assert list(measured) == ["standardise", "of it customers"]
    assert measured["of it customers"]["rows"] >= 40
    assert len(measured["standardise"]["repeats"]) == 2
    assert measured["standardise"]["floor_bytes"] > 0
    assert measured["standardise"]["peak_mib"] > 50
    assert "falls short" in done.stdout or "passes" in done.stdout


def test_a_stage_that_is_not_there_is_named(environment: dict[str, str]) -> None:
    done = bench(environment, "--stage", "polish")

    assert done.returncode == 1
    assert done.stderr.startswith("There is no stage 'polish' to measure; there are values, till, shop, service")
