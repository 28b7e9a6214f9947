"""What the runner takes from dbt and what it keeps to itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import date

import psutil
import pytest

from customer_warehouse.night import night_of
from customer_warehouse.settings import PACKAGE, Settings
from customer_warehouse.warehouse import dbt_runner


@pytest.mark.parametrize(
    ("message", "said"),
    [
        pytest.param(
            'Database Error in model a (models/a.sql)\n  invalid input syntax for type numeric: "Ann Lee"\n  LINE 1: x',
            "Database Error in model a (models/a.sql) invalid input syntax for type numeric: …",
            id="a value in double quotes",
        ),
        pytest.param(
            'Database Error in model a (models/a.sql)\n  duplicate key value violates unique constraint "a_key"\n'
            "  DETAIL:  Key (email)=(ann@example.com) already exists.",
            "Database Error in model a (models/a.sql) duplicate key value violates unique constraint …",
            id="a value in the detail",
        ),
        pytest.param(
            "Database Error\n  date/time field value out of range: 'Ann Lee'",
            "Database Error date/time field value out of range: …",
            id="a value in single quotes",
        ),
        pytest.param(
            "Compilation Error in model a\n  Model 'a' depends on 'b' which was not found",
            "Compilation Error in model a Model 'a' depends on 'b' which was not found",
            id="about the project",
        ),
        pytest.param("", "", id="nothing"),
    ],
)
def test_an_error_is_told_without_values(message: str, said: str) -> None:
    assert dbt_runner.kind_of_error(message) == said


def test_dbt_is_told_where_the_warehouse_is_and_to_call_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_TARGET", "somebody's own")

    environment = dbt_runner.dbt_environment("postgresql+psycopg://ann:p%40ss@db.local:6543/brand?sslmode=require")

    expected = {
        "WAREHOUSE_DBT_HOST": "db.local",
        "WAREHOUSE_DBT_PORT": "6543",
        "WAREHOUSE_DBT_USER": "ann",
        "WAREHOUSE_DBT_PASSWORD": "p@ss",
        "WAREHOUSE_DBT_DBNAME": "brand",
        "PGSSLMODE": "require",
        "DO_NOT_TRACK": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    assert {name: environment[name] for name in expected} == expected
    assert "DBT_TARGET" not in environment


def test_a_night_is_given_to_dbt_and_never_asked_of_the_clock() -> None:

    variables = dbt_runner.night_variables(Settings(), night_of(date(2026, 11, 21), "Asia/Taipei"))

    assert variables == {
        "as_of": "2026-11-21T16:00:00+00:00",
        "night": "2026-11-21",
        "business_time_zone": "Asia/Taipei",
        "base_currency": "TWD",
    }


def test_dbt_ends_with_the_block_that_started_it() -> None:
    with dbt_runner.dbt_process([sys.executable, "-c", "import time; time.sleep(60)"], os.environ) as process:
        assert process.poll() is None

    assert process.returncode == -signal.SIGTERM


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tie a process to its parent")
def test_dbt_ends_when_its_task_is_killed() -> None:
    task = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(
                """
                import os, sys
                from customer_warehouse.warehouse import dbt_runner
                with dbt_runner.dbt_process([sys.executable, "-c", "import time; time.sleep(60)"], os.environ) as child:
                    print(child.pid, flush=True)
                    child.wait()
                """
            ),
        ],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
    )
    assert task.stdout is not None
    child = int(task.stdout.readline())

    task.kill()
    task.wait()
    task.stdout.close()

    deadline = time.monotonic() + 10
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "dbt outlived its task"
        time.sleep(0.05)
