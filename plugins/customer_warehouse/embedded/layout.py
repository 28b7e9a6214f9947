"""Where the embedded deployment keeps its files, and which ports of 127.0.0.1 it uses.

Everything is under one folder, `.local` unless `WAREHOUSE_STATE_DIR` names another. The ports are those of the
environment (`POSTGRES_PORT`, `AIRFLOW_PORT`, `SHOP_PORT`), else the ones used last, else the defaults.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from customer_warehouse.embedded.postgres import Server
from customer_warehouse.settings import PROJECT, Settings

MARK = "customer-warehouse-state"
"""The file that marks a folder as ours to delete."""
WAREHOUSE_DATABASE = "customer_warehouse"
AIRFLOW_DATABASE = "airflow"
SERVICE_DESK_DATABASE = "service_desk_demo"

SHOP_TOKEN = "demo-token"
"""The demo shop listens on the loopback only and knows no real person."""


class EmbeddedError(Exception):
    """The embedded deployment cannot go on; the message is one sentence that says why and what to do."""


@dataclass(frozen=True)
class Ports:
    """The ports of 127.0.0.1 that the embedded services listen on."""

    postgres: int = 5433
    airflow: int = 8080
    shop: int = 8765

    @classmethod
    def choose(cls, environment: Mapping[str, str], last: Mapping[str, int]) -> Ports:
        """The ports asked for, else those used last, else the defaults.

        Raises EmbeddedError when one is no port number, or two are the same.
        """
        chosen = asdict(cls()) | {name: port for name, port in last.items() if name in asdict(cls())}
        for name in chosen:
            asked = environment.get(f"{name.upper()}_PORT", "").strip()
            if asked:
                if not asked.isdecimal() or not 0 < int(asked) < 65536:
                    raise EmbeddedError(f"{name.upper()}_PORT is no port number; give one from 1 to 65535.")
                chosen[name] = int(asked)
        if len(set(chosen.values())) < len(chosen):
            raise EmbeddedError("POSTGRES_PORT, AIRFLOW_PORT and SHOP_PORT must be three different ports.")
        return cls(**chosen)


@dataclass(frozen=True)
class Layout:
    """The embedded deployment's folders, addresses and settings."""

    state: Path
    ports: Ports

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Layout:
        """The layout that the environment asks for. Raises EmbeddedError for ports that cannot be."""
        environment = os.environ if environment is None else environment
        state = Path(environment.get("WAREHOUSE_STATE_DIR") or PROJECT / ".local").resolve()
        try:
            last = json.loads((state / "ports.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            last = {}
        return cls(state, Ports.choose(environment, last))

    @property
    def airflow_home(self) -> Path:
        return self.state / "airflow"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def run(self) -> Path:
        """Pid files of the services."""
        return self.state / "run"

    @property
    def keys(self) -> Path:
        """Generated secrets; readable by the owner only."""
        return self.state / "keys"

    @property
    def reports(self) -> Path:
        return self.state / "reports"

    @property
    def demo(self) -> Path:
        """The demo world: till files and ground truth."""
        return self.state / "demo"

    @property
    def server(self) -> Server:
        return Server(self.state / "postgres", self.ports.postgres)

    @property
    def airflow_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.airflow}"

    @property
    def shop_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.shop}/admin/api/2026-10/"

    @property
    def service_desk_url(self) -> str:
        return self.server.url(SERVICE_DESK_DATABASE, "postgresql+psycopg2")

    def sources(self) -> dict[str, str]:
        """The variables that the demo's source declarations name."""
        return {
            "SHOP_PLATFORM_URL": self.shop_url,
            "SHOP_PLATFORM_TOKEN": SHOP_TOKEN,
            "POINT_OF_SALE_URL": (self.demo / "till").as_uri(),
            "SERVICE_DESK_URL": self.service_desk_url,
        }

    def settings(self, environment: Mapping[str, str] | None = None) -> Settings:
        """The warehouse's settings here: what the environment says, but our own server and folders."""
        given = Settings.from_environment(environment)
        environment = os.environ if environment is None else environment
        changes: dict[str, object] = {"url": self.server.url(WAREHOUSE_DATABASE), "state_dir": self.state}
        if "WAREHOUSE_EXPORTS_DIR" not in environment:
            changes["exports_dir"] = self.state / "exports"
        if "WAREHOUSE_SCHEDULE" not in environment:
            # The demo's sources know only the nights that `make run` has prepared, so nothing starts by the clock.
            changes["schedule"] = "none"
        return given.model_copy(update=changes)

    def prepare(self) -> None:
        """Create the state folder and its parts. Raises EmbeddedError when the folder holds something else."""
        if self.state.exists() and any(self.state.iterdir()) and not (self.state / MARK).exists():
            raise EmbeddedError(f"{self.state} holds something else; choose another with WAREHOUSE_STATE_DIR=…")
        self.state.mkdir(parents=True, exist_ok=True)
        # Under root PostgreSQL runs as another user, who must be able to pass through.
        self.state.chmod(0o711 if os.geteuid() == 0 else 0o700)
        (self.state / MARK).write_text("All state of the embedded customer warehouse; `make reset` deletes it.\n")
        for folder in (self.airflow_home, self.logs, self.run, self.keys, self.reports):
            folder.mkdir(exist_ok=True)
        self.keys.chmod(0o700)
        (self.state / "ports.json").write_text(json.dumps(asdict(self.ports)), encoding="utf-8")

    def require_ours(self) -> None:
        """Raises EmbeddedError when the state folder was made by something else."""
        if not (self.state / MARK).is_file():
            raise EmbeddedError(f"{self.state} was not made by the warehouse and stays as it is; delete it by hand.")

    def remove(self) -> bool:
        """Delete the state folder; whether there was one. Raises EmbeddedError when it is not ours."""
        if not self.state.exists():
            return False
        self.require_ours()
        shutil.rmtree(self.state)
        return True


def python_path() -> str:
    """PYTHONPATH for a child process: the plugins folder, then whatever the shell has set."""
    folders = [str(PROJECT / "plugins"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    return os.pathsep.join(dict.fromkeys(folder for folder in folders if folder))
