"""The demo's three systems beside the embedded services: the shop's API, the tills' drop folder, the service desk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from customer_warehouse.embedded import processes
from customer_warehouse.embedded.airflow_api import wait_until
from customer_warehouse.embedded.layout import SERVICE_DESK_DATABASE, SHOP_TOKEN, EmbeddedError, Layout, python_path
from customer_warehouse.embedded.postgres import port_is_taken
from customer_warehouse.night import Night

DEMO = (sys.executable, "-m", "customer_warehouse.demo")
SHOP = "demo-shop"


def start(layout: Layout, night: Night, people: int | None) -> None:
    """Bring the three systems to the end of `night` and serve the shop; a size once given is kept.

    Raises EmbeddedError when the world cannot be made, or as `serve` does.
    """
    layout.server.create_database(SERVICE_DESK_DATABASE)
    _prepare(layout, night, people or _size_before(layout.demo))
    serve(layout)


def serve(layout: Layout) -> None:
    """Serve the shop of the night that was prepared last, if any was; does nothing when it is served already.

    Raises EmbeddedError when its port is taken or it does not come up.
    """
    if not (layout.demo / "current").exists():
        return
    pid_file = _pid_file(layout)
    if processes.running(pid_file):
        return
    if port_is_taken(layout.ports.shop):
        raise EmbeddedError(
            f"Port {layout.ports.shop} of 127.0.0.1 is taken by another program;"
            " stop it or choose another with SHOP_PORT=…"
        )
    # The token goes by the environment: a command line is for all to read.
    variables = {**_environment(), "DEMO_SHOP_TOKEN": SHOP_TOKEN}
    command = [*DEMO, "serve", "--folder", str(layout.demo), "--port", str(layout.ports.shop)]
    log = layout.logs / f"{SHOP}.log"
    processes.start(pid_file, log, command, variables)
    if not wait_until(lambda: port_is_taken(layout.ports.shop) or not processes.running(pid_file), 30, 0.1) or not (
        processes.running(pid_file)
    ):
        raise EmbeddedError(f"The demo shop did not come up on port {layout.ports.shop}; see {log}.")


def stop(layout: Layout) -> list[str]:
    """Stop the shop's API; the names of what ran."""
    return processes.stop([_pid_file(layout)])


def _prepare(layout: Layout, night: Night, people: int | None) -> None:
    command = [*DEMO, "prepare", "--folder", str(layout.demo), "--night", night.date.isoformat()]
    command += ["--database", layout.server.url(SERVICE_DESK_DATABASE)]
    command += ["--people", str(people)] if people else []
    result = subprocess.run(
        command, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    log = layout.logs / "demo-prepare.log"
    log.write_text(result.stdout + result.stderr, encoding="utf-8")
    if result.returncode != 0:
        said = result.stderr.strip().splitlines()
        raise EmbeddedError(said[-1] if len(said) == 1 else f"The demo's sources could not be prepared; see {log}.")


def _size_before(folder: Path) -> int | None:
    """The size of the brand that the folder shows, so that the next night is the same brand's; None for the default."""
    try:
        return int(json.loads((folder / "current" / "world.json").read_text(encoding="utf-8"))["people"])
    except (OSError, ValueError, KeyError):
        return None


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": python_path()}


def _pid_file(layout: Layout) -> Path:
    return layout.run / f"{SHOP}.pid"
