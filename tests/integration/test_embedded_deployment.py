"""What docker-compose runs first: databases, tables and the login, on a server that has none of them."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from customer_warehouse.database import connect, scalar
from customer_warehouse.embedded import deployment
from customer_warehouse.embedded.layout import EmbeddedError
from customer_warehouse.embedded.postgres import Server, free_port


@pytest.fixture
def environment(server: Server, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The variables of a deployment whose two databases do not exist yet."""
    names = [f"warehouse_{uuid4().hex}", f"airflow_{uuid4().hex}"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW__", "WAREHOUSE_"))}
    yield {
        **clean,
        "AIRFLOW_HOME": str(tmp_path),
        "WAREHOUSE_URL": server.url(names[0]),
        deployment.METADATA: server.url(names[1], "postgresql+psycopg2"),
        deployment.PASSWORDS_FILE: str(tmp_path / "passwords.json"),
        deployment.PASSWORD: "correct horse",
    }
    for name in names:
        server.drop_database(name)


@pytest.mark.slow
def test_a_deployment_is_ready_after_it_and_may_be_prepared_again(environment: dict[str, str]) -> None:
    deployment.prepare(environment)
    deployment.prepare(environment)

    with connect(environment["WAREHOUSE_URL"]) as connection:
        assert scalar(connection, "select count(*) from ops.runs") == 0
    with connect(environment[deployment.METADATA]) as connection:
        assert scalar(connection, "select count(*) from dag_run") == 0
    file = Path(environment[deployment.PASSWORDS_FILE])
    assert json.loads(file.read_text()) == {"admin": "correct horse"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", [deployment.METADATA, deployment.PASSWORDS_FILE, deployment.PASSWORD])
def test_what_is_missing_is_named_before_anything_is_made(environment: dict[str, str], name: str) -> None:
    with pytest.raises(EmbeddedError, match=name):
        deployment.prepare({**environment, name: ""})

    assert not Path(environment[deployment.PASSWORDS_FILE]).exists()


def test_a_server_that_is_down_is_told_without_its_password(environment: dict[str, str]) -> None:
    port = free_port()

    with pytest.raises(EmbeddedError, match=f"The database sales on 127.0.0.1:{port} cannot be reached") as caught:
        deployment.prepare({**environment, "WAREHOUSE_URL": f"postgresql://me:hush@127.0.0.1:{port}/sales"})

    assert "hush" not in str(caught.value)
