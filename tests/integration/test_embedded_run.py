"""The two commands for real: a night through Airflow with all its services, again, and away without a trace."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from customer_warehouse.database import connect, scalar
from customer_warehouse.embedded import airflow
from customer_warehouse.embedded.layout import Layout
from customer_warehouse.embedded.postgres import free_port, port_is_taken
from customer_warehouse.ops import ledger
from customer_warehouse.settings import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

NIGHT = "2026-11-20"
LISTENER = """
import os, socket, sys

HERE = {"localhost", "127.0.0.1", "::1", "0.0.0.0", "::", "", socket.gethostname(), socket.getfqdn()}

def listen(event, arguments):
    if event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host and host not in HERE and not host.startswith("127."):
        with open(os.environ["OUTBOUND_CALLS"], "a") as file:
            file.write(f"{event} {host} {sys.orig_argv[:5]}\\n")

sys.addaudithook(listen)
with open(os.environ["OUTBOUND_CALLS"] + ".heard", "a") as file:
    file.write(f"{sys.orig_argv[:5]}\\n")
"""


class Machine:
    """A machine with the warehouse on it: its folder, its ports, and commands run on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "listener").mkdir()
        (folder / "listener" / "sitecustomize.py").write_text(LISTENER)
        self.outbound = folder / "outbound"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "WAREHOUSE"))}
        self.environment = {
            **inherited,
            "WAREHOUSE_STATE_DIR": str(folder / "state"),
            "POSTGRES_PORT": str(free_port()),
            "AIRFLOW_PORT": str(free_port()),
            "SHOP_PORT": str(free_port()),
            "OUTBOUND_CALLS": str(self.outbound),
            "PYTHONPATH": os.pathsep.join([str(folder / "listener"), str(PROJECT / "plugins")]),
            "COLUMNS": "200",
        }
        self.layout = Layout.from_environment(self.environment)

    def call(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "customer_warehouse", *arguments],
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=800,
            check=False,
        )

    def run(self, name: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
        file = self.folder / f"{name}.json"
        result = self.call("run", "--night", NIGHT, "--people", "120", "--json", str(file))
        return result, json.loads(file.read_text()) if file.exists() else {}

    def contents(self) -> dict[str, str]:
        """A digest of every mart and every exported file."""
        with connect(self.layout.settings(self.environment).url) as connection:
            views = connection.execute("select viewname from pg_views where schemaname = 'marts' order by 1").fetchall()
            found = {
                name: scalar(
                    connection,
                    f"select md5(coalesce(string_agg(row, ',' order by row), '')) from"
                    f" (select cast(mart.* as text) as row from marts.{name} as mart) as rows",
                )
                for (name,) in views
            }
        exports = self.folder / "state" / "exports"
        return found | {str(file): file.read_text() for file in sorted(exports.rglob("*")) if file.is_file()}


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    folder = Path(tempfile.mkdtemp(prefix="customer-warehouse-run-"))
    folder.chmod(0o755)
    machine = Machine(folder)
    yield machine
    machine.call("reset")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def first(machine: Machine) -> dict[str, Any]:
    """The summary of the first run of the night on an empty machine."""
    result, summary = machine.run("first")
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]
    return summary


def test_the_first_run_brings_a_night_from_the_sources_to_the_lists(first: dict[str, Any]) -> None:
    stages = {stage["stage"]: stage for stage in first["stages"]}

    assert (first["night"], first["status"], first["cause"]) == (NIGHT, "succeeded", None)
    assert list(stages) == ["extract", "standardise", "identity", "warehouse", "marts", "activation"]
    assert all(stage["rows_in"] > 0 for stage in stages.values())
    assert 0 < first["customers"] < first["records"]
    assert first["segments"]
    assert all(row["eligible"] == row["sent"] + row["withheld"] for row in first["segments"])
    assert {"PostgreSQL", "Airflow", "demo sources", "nightly and activation", "total"} == set(first["seconds"])


def test_the_report_is_where_the_summary_says(first: dict[str, Any]) -> None:
    page = Path(first["places"]["report"]).read_text(encoding="utf-8")

    assert f"Night {NIGHT}" in page


def test_airflow_shows_both_dags_their_runs_and_a_group_for_each_stage(machine: Machine, first: dict[str, Any]) -> None:
    api = airflow.client(machine.layout)
    nightly = api.run(ledger.NIGHTLY, f"night__{NIGHT}")
    activation = api.started_by_asset(ledger.ACTIVATION, datetime(2000, 1, 1, tzinfo=UTC))
    stages = {stage["stage"] for stage in first["stages"]}
    with connect(machine.layout.server.url("airflow")) as connection:
        groups = connection.execute(
            "select distinct split_part(task_id, '.', 1) from task_instance where task_id like '%%.%%'"
        ).fetchall()

    assert nightly
    assert nightly.state == "success"
    assert activation
    assert activation.state == "success"
    assert {name for (name,) in groups} == stages


def test_the_healthchecks_of_compose_say_that_all_is_well(machine: Machine, first: dict[str, Any]) -> None:
    services = yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    jobs = [services[name]["healthcheck"]["test"][1] for name in ("scheduler", "dag-processor", "triggerer")]
    assert first

    for command in jobs:
        words = command.split(" --hostname")[0].split()[1:]
        result = machine.call("airflow", *words)
        assert result.returncode == 0, result.stderr[-1000:]


def test_the_same_night_again_changes_no_mart_and_sends_nothing_new(machine: Machine, first: dict[str, Any]) -> None:
    before = machine.contents()

    result, again = machine.run("again")

    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]
    assert before
    assert machine.contents() == before
    assert {row["sent_new"] for row in again["segments"]} == {0}
    assert [(row["segment"], row["sent"]) for row in again["segments"]] == [
        (row["segment"], row["sent"]) for row in first["segments"]
    ]


def test_progress_without_a_terminal_is_plain_lines(machine: Machine, first: dict[str, Any]) -> None:
    result = machine.call("runs", "list")

    assert first
    assert "\x1b" not in result.stdout
    assert f"night__{NIGHT}" in result.stdout


def test_no_process_of_the_run_called_anybody_outside(machine: Machine, first: dict[str, Any]) -> None:
    heard = Path(f"{machine.outbound}.heard").read_text()

    assert first
    for program in ("airflow", "customer_warehouse", "dbt_child.py", "forkserver"):
        assert program in heard
    assert not machine.outbound.exists(), machine.outbound.read_text()


def test_a_call_outside_would_have_been_heard(machine: Machine) -> None:
    calls = machine.folder / "calls"
    program = "import socket\ntry:\n    socket.create_connection(('example.invalid', 80), 1)\nexcept OSError:\n    pass"

    subprocess.run(
        [sys.executable, "-c", program], env={**machine.environment, "OUTBOUND_CALLS": str(calls)}, check=True
    )

    assert "socket.getaddrinfo example.invalid" in calls.read_text()


def test_nobody_but_the_owner_may_read_the_secrets(machine: Machine, first: dict[str, Any]) -> None:
    keys = machine.folder / "state" / "keys"

    assert first
    assert {file.stat().st_mode & 0o777 for file in keys.iterdir()} == {0o600}
    logs = [file.read_text(errors="replace") for file in (machine.folder / "state" / "logs").rglob("*.log")]
    secrets = json.loads((keys / "airflow.json").read_text()).values()
    assert logs
    assert not any(secret in text for text in logs for secret in secrets)


def test_two_commands_do_not_work_on_one_folder_at_once(machine: Machine, first: dict[str, Any]) -> None:
    assert first
    with (machine.folder / "state" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = machine.call("ui")

    assert result.returncode == 1
    assert result.stderr.startswith("Another command is at work in ")


def test_a_night_that_fails_ends_with_its_cause_and_changes_nothing_that_people_see(
    machine: Machine, first: dict[str, Any]
) -> None:
    before = machine.contents()
    url = machine.layout.settings(machine.environment).url
    assert first
    with connect(url) as connection:
        connection.execute("alter table ops.steps add constraint broken check (stage <> 'warehouse') not valid")

    result, summary = machine.run("failed")

    with connect(url) as connection:
        connection.execute("alter table ops.steps drop constraint broken")
    assert result.returncode == 1
    assert result.stderr.startswith("The task warehouse.build failed before it could say why; see ")
    assert len(result.stderr.strip().splitlines()) == 1
    assert (summary["status"], summary["cause"]) == ("failed", result.stderr.strip())
    assert [stage["stage"] for stage in summary["stages"]] == ["extract", "standardise", "identity"]
    assert summary["segments"] == []
    assert machine.contents() == before


def test_services_move_when_another_port_is_asked_for(machine: Machine, first: dict[str, Any]) -> None:
    before, after = machine.layout.ports.airflow, free_port()
    assert first

    result = machine.call("ui", AIRFLOW_PORT=str(after))

    assert result.returncode == 0, result.stderr
    assert "restarting the services" in result.stdout
    assert f"http://127.0.0.1:{after}" in result.stdout
    assert (port_is_taken(before), port_is_taken(after)) == (False, True)
    machine.environment["AIRFLOW_PORT"] = str(after)
    machine.layout = Layout.from_environment(machine.environment)


def test_stop_leaves_nothing_running_and_reset_nothing_behind(machine: Machine, first: dict[str, Any]) -> None:
    assert first
    ports = (machine.layout.ports.postgres, machine.layout.ports.airflow, machine.layout.ports.shop)
    assert all(map(port_is_taken, ports))

    stopped = machine.call("stop")

    assert not any(map(port_is_taken, ports))
    for name in ("api-server", "scheduler", "dag-processor", "triggerer", "demo-shop", "PostgreSQL"):
        assert name in stopped.stdout
    assert machine.call("stop").stdout.strip() == "Nothing was running."
    assert machine.call("reset").returncode == 0
    assert not (machine.folder / "state").exists()
