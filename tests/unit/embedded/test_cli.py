"""The command line: every command explains itself, quickly, and errors are one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from customer_warehouse import cli
from customer_warehouse.embedded.postgres import free_port
from customer_warehouse.settings import PROJECT

cli.mount()
HEAVY = ("airflow", "dlt", "duckdb", "great_expectations", "pandas", "sqlalchemy")


def every_command(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, child in getattr(command, "commands", {}).items():
        yield from every_command(child, (*path, name))


COMMANDS = [path for path in every_command(get_command(cli.app)) if path not in (("psql",), ("airflow",))]


def test_there_are_commands_to_look_at() -> None:
    assert {("run",), ("ui",), ("stop",), ("reset",), ("night",), ("prepare",)} <= set(COMMANDS)
    assert {("standardise", "run"), ("warehouse", "build"), ("marts", "publish"), ("runs", "close")} <= set(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli.app, [*path, "--help"])

    assert result.exit_code == 0
    assert "Usage" in result.output


def test_help_loads_nothing_that_takes_long() -> None:
    program = (
        "import sys; sys.argv = ['customer_warehouse', '--help']\n"
        "from customer_warehouse.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print('LOADED', [name for name in {HEAVY!r} if name in sys.modules])"
    )

    answer = run_python("-c", program)

    assert answer.stdout.splitlines()[-1] == "LOADED []"


@pytest.mark.parametrize("arguments", [("run", "--night", "tomorrow"), ("extract", "shop", "--night", "2026-13-01")])
def test_a_night_that_is_no_date_is_refused(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli.app, arguments)

    assert result.exit_code == 2
    assert "2026-11-21" in result.output


def test_an_error_of_ours_is_one_sentence_and_no_traceback() -> None:
    answer = run_python("-m", "customer_warehouse", "quality", "check", "weather")

    assert answer.returncode == 1
    assert answer.stderr.strip() == (
        "There is no stage 'weather'; the stages are extract, standardise, identity, warehouse, marts, activation."
    )


def test_a_port_that_cannot_be_is_said_before_anything_starts(tmp_path: Path) -> None:
    answer = run_python(
        "-m", "customer_warehouse", "run", AIRFLOW_PORT="eighty", WAREHOUSE_STATE_DIR=f"{tmp_path}/state"
    )

    assert answer.returncode == 1
    assert answer.stderr.strip() == "AIRFLOW_PORT is no port number; give one from 1 to 65535."


def test_a_night_that_is_not_over_is_refused(tmp_path: Path) -> None:
    answer = run_python("-m", "customer_warehouse", "run", "--night", "2999-01-01", WAREHOUSE_STATE_DIR=f"{tmp_path}/s")

    assert answer.returncode == 1
    assert answer.stderr.startswith("The day 2999-01-01 is not over yet in Asia/Taipei; the last is ")


def test_a_warehouse_that_is_down_is_said_so() -> None:
    nobody = f"postgresql://warehouse@127.0.0.1:{free_port()}/customer_warehouse"

    answer = run_python("-m", "customer_warehouse", "runs", "list", WAREHOUSE_URL=nobody)

    assert answer.returncode == 1
    assert answer.stderr.startswith("The warehouse cannot be reached (")
    assert len(answer.stderr.strip().splitlines()) == 1


def test_preparing_a_deployment_names_what_is_missing() -> None:
    answer = run_python("-m", "customer_warehouse", "prepare")

    assert answer.returncode == 1
    assert "AIRFLOW_ADMIN_PASSWORD" in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1


def run_python(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "WAREHOUSE_"))}
    environment = {**inherited, "PYTHONPATH": str(PROJECT / "plugins"), **variables}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
