"""Fixtures that every test may ask for: a real PostgreSQL server and an empty warehouse in it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from customer_warehouse.embedded.postgres import Server, free_port
from customer_warehouse.ops import ledger


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server for this test session, with durability off."""
    folder = Path(tempfile.mkdtemp(prefix="customer-warehouse-postgres-"))
    folder.chmod(0o755)
    server = Server(folder / "server", free_port())
    server.start("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=256MB")
    server.create_database("empty_warehouse")
    ledger.prepare(server.url("empty_warehouse"))
    yield server
    server.remove()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    """The address of an empty database of this test's own."""
    name = f"test_{uuid4().hex}"
    server.create_database(name)
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def warehouse_url(server: Server) -> Iterator[str]:
    """The address of a warehouse of this test's own: the schemas and the ledger, and no data."""
    name = f"warehouse_{uuid4().hex}"
    server.create_database(name, template="empty_warehouse")
    yield server.url(name)
    server.drop_database(name)
