"""The embedded Airflow: its environment, starting and stopping its services, and their health."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from customer_warehouse.embedded import processes
from customer_warehouse.embedded.airflow_api import AirflowApi, wait_until
from customer_warehouse.embedded.keys import USER, load_keys, passwords_file
from customer_warehouse.embedded.layout import AIRFLOW_DATABASE, EmbeddedError, Layout, python_path
from customer_warehouse.embedded.postgres import port_is_taken
from customer_warehouse.embedded.services import MIGRATE, SERVICES, Place, environment
from customer_warehouse.settings import PROJECT

HEALTHY_WITHIN = 180.0
"""Seconds that Airflow may take to come up; about 15 on two idle cores."""


def place(layout: Layout) -> Place:
    """The embedded deployment's addresses, folders and secrets."""
    keys = load_keys(layout.keys)
    return Place(
        settings=layout.settings(),
        airflow_home=str(layout.airflow_home),
        plugins=str(PROJECT / "plugins"),
        metadata_url=layout.server.url(AIRFLOW_DATABASE, "postgresql+psycopg2"),
        listen_on="127.0.0.1",
        port=layout.ports.airflow,
        public_url=layout.airflow_url,
        internal_url=layout.airflow_url,
        logs=str(layout.logs / "airflow"),
        passwords_file=str(passwords_file(layout.keys)),
        fernet_key=keys.fernet_key,
        api_secret_key=keys.api_secret_key,
        jwt_secret=keys.jwt_secret,
        retry_seconds=5,
        retry_seconds_at_most=15,
        sources=layout.sources(),
    )


def airflow_environment(layout: Layout) -> dict[str, str]:
    """The whole environment of the services: ours over that of the shell, without Airflow settings from there."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW__")}
    programs = Path(sys.executable).parent
    path = f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**inherited, **environment(place(layout)), "PATH": path, "PYTHONPATH": python_path()}


def fingerprint(layout: Layout) -> str:
    """A digest of all that running services were started with: settings, addresses, packages."""
    given = json.dumps(environment(place(layout)), sort_keys=True)
    packages = (PROJECT / "requirements.txt").read_text(encoding="utf-8")
    return hashlib.sha256(f"{given}\n{packages}".encode()).hexdigest()


def pid_files(layout: Layout) -> dict[str, Path]:
    """Each service's pid file."""
    return {service.name: layout.run / f"{service.name}.pid" for service in SERVICES}


def is_up(layout: Layout) -> bool:
    """Whether all services that we started still live."""
    return all(processes.running(file) for file in pid_files(layout).values())


def migrate(layout: Layout) -> None:
    """Create Airflow's tables or bring them up to date. Raises EmbeddedError when that fails."""
    layout.server.create_database(AIRFLOW_DATABASE)
    log = layout.logs / "airflow-migrate.log"
    with log.open("ab") as output:
        code = subprocess.run(
            [sys.executable, "-m", *MIGRATE],
            env=airflow_environment(layout),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=layout.airflow_home,
            check=False,
        ).returncode
    if code != 0:
        raise EmbeddedError(f"Airflow's database could not be prepared; see {log}.")


def start(layout: Layout) -> None:
    """Start the services that do not run. Raises EmbeddedError when the API server's port is taken."""
    files = pid_files(layout)
    if not processes.running(files["api-server"]) and port_is_taken(layout.ports.airflow):
        raise EmbeddedError(
            f"Port {layout.ports.airflow} of 127.0.0.1 is taken by another program;"
            " stop it or choose another with AIRFLOW_PORT=…"
        )
    variables = airflow_environment(layout)
    for service in SERVICES:
        command = [sys.executable, "-m", *service.command]
        processes.start(files[service.name], layout.logs / f"{service.name}.log", command, variables)


def wait_healthy(layout: Layout, api: AirflowApi) -> None:
    """Wait until every service says that it is well. Raises EmbeddedError naming the one that does not, and its log."""

    def settled() -> bool:
        return not api.unhealthy() or not is_up(layout)

    in_time = wait_until(settled, HEALTHY_WITHIN)
    dead = [name for name, file in pid_files(layout).items() if not processes.running(file)]
    ill = dead or ([] if in_time else api.unhealthy())
    if ill:
        raise EmbeddedError(f"Airflow's {ill[0]} did not come up; see {layout.logs / ill[0]}.log.")


def client(layout: Layout) -> AirflowApi:
    """A client for the embedded API server, logged in as its one user."""
    return AirflowApi(layout.airflow_url, USER, load_keys(layout.keys).admin_password)


def stop(layout: Layout) -> list[str]:
    """Stop the services; the names of those that ran."""
    return processes.stop(pid_files(layout).values())
