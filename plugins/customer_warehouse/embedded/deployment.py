"""What a deployment needs once before Airflow's services start: its databases, their tables, and a login.

Run by docker-compose as `python -m customer_warehouse prepare`; doing it again changes nothing but the password.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from customer_warehouse.database import libpq_url
from customer_warehouse.embedded.keys import USER, write_private
from customer_warehouse.embedded.layout import EmbeddedError
from customer_warehouse.embedded.services import MIGRATE
from customer_warehouse.ops import ledger
from customer_warehouse.settings import Settings

METADATA = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
PASSWORDS_FILE = "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"
PASSWORD = "AIRFLOW_ADMIN_PASSWORD"


def prepare(environment: Mapping[str, str]) -> None:
    """Make the databases, the ledger, Airflow's tables and the admin's login ready.

    Raises EmbeddedError when a variable is missing, a database cannot be reached or made, or Airflow's tables cannot.
    """
    missing = [name for name in (METADATA, PASSWORDS_FILE, PASSWORD) if not environment.get(name)]
    if missing:
        raise EmbeddedError(f"Set {', '.join(missing)} first; .env.example says what they are.")
    settings = Settings.from_environment(environment)
    for url in (settings.url, environment[METADATA]):
        ensure_database(url)
    ledger.prepare(settings.url)
    write_private(Path(environment[PASSWORDS_FILE]), json.dumps({USER: environment[PASSWORD]}) + "\n")
    command = [sys.executable, "-m", *MIGRATE]
    if subprocess.run(command, env=dict(environment), stdin=subprocess.DEVNULL, check=False).returncode != 0:
        raise EmbeddedError("Airflow's tables could not be made; the lines above say why.")


def ensure_database(url: str) -> None:
    """Create the database of `url` unless it is there. Raises EmbeddedError without the address's password."""
    address = conninfo_to_dict(libpq_url(url))
    name = str(address.get("dbname") or "")
    place = f"{address.get('host')}:{address.get('port') or 5432}"
    try:
        with psycopg.connect(make_conninfo(libpq_url(url), dbname="postgres"), autocommit=True) as connection:
            if not connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    except psycopg.Error as error:
        raise EmbeddedError(
            f"The database {name} on {place} cannot be reached or made ({type(error).__name__}); create it by hand, or"
            " correct its address."
        ) from None
