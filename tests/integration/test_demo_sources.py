"""The demo's systems as they run: the command, the served API, the service desk in PostgreSQL, the memory they take."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests
from typer.testing import CliRunner

import customer_warehouse
from customer_warehouse.database import connect, statement
from customer_warehouse.demo import service_desk
from customer_warehouse.demo.brand import Brand
from customer_warehouse.demo.commands import app
from customer_warehouse.demo.world import prepare

SMALL = Brand(people=150)
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(customer_warehouse.__file__).parent.parent)}


def rows(url: str, table: str) -> dict[int, tuple[Any, ...]]:
    with connect(url) as connection:
        return {row[0]: row for row in connection.execute(statement(f"select * from {table}")).fetchall()}


@pytest.fixture
def early(tmp_path: Path) -> Path:
    """A folder with the world of a night of the brand's first year."""
    prepare(tmp_path, SMALL, date(2025, 6, 10))
    return tmp_path


def test_the_service_desk_shows_the_current_night(early: Path, database: str) -> None:
    service_desk.load(early, database)
    before = {table: rows(database, table) for table in service_desk.TABLES}
    prepare(early, SMALL, date(2025, 6, 11))

    counts = service_desk.load(early, database)

    after = {table: rows(database, table) for table in service_desk.TABLES}
    assert counts == {table: len(found) for table, found in after.items()}
    assert all(counts.values())
    assert set(after["contacts"]) - set(before["contacts"])
    changed = [
        row for key, row in after["contacts"].items() if key in before["contacts"] and before["contacts"][key] != row
    ]
    assert any(row[-1] is None for row in changed)
    assert any(row[-1] is not None for row in changed)
    for table in ("case_status_history", "messages", "satisfaction_ratings"):
        assert before[table].items() <= after[table].items()


def test_loading_the_same_night_again_changes_nothing(early: Path, database: str) -> None:
    service_desk.load(early, database)
    with connect(database) as connection:
        before = connection.execute("select xmin::text, id from contacts order by id").fetchall()

    service_desk.load(early, database)

    with connect(database) as connection:
        assert connection.execute("select xmin::text, id from contacts order by id").fetchall() == before


def test_cases_belong_to_contacts_and_their_parts_to_cases(early: Path, database: str) -> None:
    service_desk.load(early, database)
    found = {table: rows(database, table) for table in service_desk.TABLES}

    assert {row[1] for row in found["cases"].values()} <= set(found["contacts"])
    for table in ("case_status_history", "messages", "satisfaction_ratings"):
        assert {row[1] for row in found[table].values()} <= set(found["cases"])


def test_the_commands_prepare_a_night_and_serve_it(tmp_path: Path) -> None:
    command = ["prepare", "--folder", str(tmp_path), "--night", "2024-11-20", "--people", "40"]
    assert "as of 2024-11-20" in CliRunner().invoke(app, command, catch_exceptions=False).output
    faults = tmp_path / "faults.json"
    faults.write_text(json.dumps([{"kind": "status", "status": 500}]), encoding="utf-8")

    serve = [sys.executable, "-u", "-m", "customer_warehouse.demo", "serve", "--folder", str(tmp_path)]
    environment = {**ENVIRONMENT, "DEMO_SHOP_TOKEN": "secret", "DEMO_SHOP_FAULTS": str(faults)}
    with subprocess.Popen(serve, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        answers = [
            requests.get(url + "products.json", headers={"Authorization": "Bearer secret"}, timeout=10)
            for _ in range(2)
        ]
        process.terminate()

    assert [answer.status_code for answer in answers] == [500, 200]
    assert answers[1].json()["products"]


def test_a_night_that_cannot_be_prepared_is_said_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["prepare", "--folder", str(tmp_path), "--night", "2020-01-01"])

    assert result.exit_code == 1


MEASURE = """
import resource, sys
from datetime import date
from pathlib import Path
from customer_warehouse.demo import till_drop
from customer_warehouse.demo.brand import Brand
from customer_warehouse.demo.world import prepare
till_drop.HELD = 5_000
prepare(Path(sys.argv[1]), Brand(people=int(sys.argv[2])), date(2025, 6, 1))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_a_larger_brand_takes_no_more_memory(tmp_path: Path) -> None:
    peaks = []
    for people in (1_500, 9_000):
        command = [sys.executable, "-c", MEASURE, str(tmp_path / str(people)), str(people)]
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True, timeout=300)
        peaks.append(int(done.stdout))

    assert peaks[1] < peaks[0] * 1.15
