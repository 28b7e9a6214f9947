"""Connections to the warehouse and the few SQL helpers that every stage shares."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.csv as pa_csv
from psycopg import sql

Connection = psycopg.Connection[tuple[Any, ...]]


def connect(url: str, *, autocommit: bool = False) -> Connection:
    """Open a connection whose session works in UTC. `url` is a libpq or SQLAlchemy PostgreSQL address."""
    connection = psycopg.connect(libpq_url(url), autocommit=autocommit, application_name="customer_warehouse")
    with connection.transaction():
        connection.execute("set time zone 'UTC'")
        connection.execute("set client_min_messages to warning")
    return connection


def libpq_url(url: str) -> str:
    """The same address without a SQLAlchemy driver name (`postgresql+psycopg2://…`)."""
    scheme, _, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}://{rest}"


def statement(text: str) -> sql.SQL:
    """SQL text that the caller has built from identifiers it has quoted itself."""
    return sql.SQL(text)


def quoted(*names: str) -> str:
    """A quoted, dot-separated identifier: `quoted("raw", "a b")` is `"raw"."a b"`."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def copy_arrow(connection: Connection, table: str, rows: pa.Table | pa.RecordBatch) -> int:
    """Append `rows` to `table` (already quoted) by COPY, columns matched by name; returns the number of rows.

    A null stays null and an empty string stays an empty string. Raises psycopg errors as they come.
    """
    if rows.num_rows == 0:
        return 0
    columns = ", ".join(quoted(name) for name in rows.schema.names)
    buffer = BytesIO()
    pa_csv.write_csv(rows, buffer, pa_csv.WriteOptions(include_header=False, quoting_style="needed"))
    command = statement(f"copy {table} ({columns}) from stdin with (format csv)")
    with connection.cursor().copy(command) as copy:
        copy.write(buffer.getbuffer())
    return int(rows.num_rows)


def scalar(connection: Connection, text: str, parameters: Any = None) -> Any:
    """The first column of the first row, or None when there is no row."""
    row = connection.execute(statement(text), parameters).fetchone()
    return row[0] if row else None


@contextmanager
def writer(connection: Connection, lock: str) -> Iterator[None]:
    """Hold the session advisory lock `lock` while the block runs; waits for whoever holds it.

    PostgreSQL frees it by itself when the session dies, so a killed task never blocks the next one.
    """
    connection.execute("select pg_advisory_lock(hashtextextended(%s, 0))", (f"customer_warehouse:{lock}",))
    try:
        yield
    finally:
        if not connection.closed:
            if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE and not connection.autocommit:
                connection.rollback()
            connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", (f"customer_warehouse:{lock}",))
            if not connection.autocommit:
                connection.commit()
