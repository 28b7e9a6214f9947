"""Rows between PostgreSQL and Arrow: read a query in a stream, bring a table to given contents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.csv as pa_csv

from customer_warehouse.database import Connection, copy_arrow, quoted, scalar, statement

BLOCK = 16 * 1024 * 1024
"""Bytes of text turned into one record batch; also the longest row that can be read."""

ROWS_AT_ONCE = 100_000
"""Rows of numbers that are turned into bytes together."""


class _CopyFile:
    """The stream of a COPY as the read-only file that Arrow asks for."""

    closed = False

    def __init__(self, copy: psycopg.Copy) -> None:
        self._copy = copy
        self._rest = b""

    def read(self, size: int) -> bytes:
        """The next `size` bytes, fewer only at the end."""
        parts, length = [self._rest], len(self._rest)
        while length < size and (part := self._copy.read()):
            parts.append(bytes(part))
            length += len(part)
        data = b"".join(parts)
        self._rest = data[size:]
        return data[:size]


def read_arrow(
    connection: Connection, query: str, schema: pa.Schema, parameters: Sequence[Any] = ()
) -> Iterator[pa.RecordBatch]:
    """Stream the rows of `query`, whose columns are those of `schema`, as record batches.

    A null stays null and an empty string stays an empty string.
    """
    command = statement(f"copy ({query}) to stdout (format csv, header true)")
    convert = pa_csv.ConvertOptions(
        column_types=schema,
        include_columns=schema.names,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    with connection.cursor().copy(command, parameters) as copy:
        yield from pa_csv.open_csv(
            pa.PythonFile(_CopyFile(copy), mode="r"),
            pa_csv.ReadOptions(use_threads=False, block_size=BLOCK),
            pa_csv.ParseOptions(newlines_in_values=True),
            convert,
        )


def read_table(connection: Connection, query: str, schema: pa.Schema, parameters: Sequence[Any] = ()) -> pa.Table:
    """All rows of `query`, whose columns are those of `schema`."""
    return pa.Table.from_batches(list(read_arrow(connection, query, schema, parameters)), schema)


def copy_numbers(connection: Connection, table: str, columns: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Append rows of numbers to `table` (already quoted): its columns are of the arrays' types, without nulls.

    The binary form of COPY: each row its number of fields, each field its length and its bytes, largest first
    (https://www.postgresql.org/docs/current/sql-copy.html). Millions of rows take half as long as through text.
    """
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for name, values in columns.items():
        fields += [(f"{name} length", ">i4"), (name, f">{values.dtype.kind}{values.dtype.itemsize}")]
    total = len(next(iter(columns.values())))
    command = statement(f"copy {table} ({', '.join(map(quoted, columns))}) from stdin (format binary)")
    with connection.cursor().copy(command) as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        for start in range(0, total, ROWS_AT_ONCE):
            rows = np.empty(min(ROWS_AT_ONCE, total - start), dtype=fields)
            rows["fields"] = len(columns)
            for name, values in columns.items():
                rows[f"{name} length"] = values.dtype.itemsize
                rows[name] = values[start : start + ROWS_AT_ONCE]
            copy.write(rows.tobytes())
        copy.write(b"\xff\xff")


def replace_contents(
    connection: Connection,
    table: str,
    key: Sequence[str],
    rows: pa.Table,
    among: str = "true",
    not_compared: Sequence[str] = (),
) -> tuple[int, int]:
    """Make `rows` the contents of `table` (already quoted), touching only the rows that differ.

    `key` are the columns of its primary key; `among` is a condition on `target` that limits what is replaced, and all
    of `rows` must meet it. A row that differs in columns `not_compared` only stays as it is. Returns how many rows were
    deleted and how many inserted (a changed row counts in both).
    """
    # In the order of the key the index grows at its end only, which is several times faster for a million rows.
    rows = rows.sort_by([(column, "ascending") for column in key])
    if not scalar(connection, f"select exists (select from {table} as target where {among})"):
        return 0, copy_arrow(connection, table, rows)
    same_key = " and ".join(f"target.{quoted(column)} = incoming.{quoted(column)}" for column in key)
    same_row = " and ".join(
        [
            same_key,
            *(
                f"target.{quoted(column)} is not distinct from incoming.{quoted(column)}"
                for column in rows.schema.names
                if column not in key and column not in not_compared
            ),
        ]
    )
    columns = ", ".join(quoted(column) for column in rows.schema.names)
    connection.execute(statement(f"create temp table incoming as select {columns} from {table} limit 0"))
    copy_arrow(connection, "incoming", rows)
    connection.execute("analyze incoming")
    deleted = connection.execute(
        statement(f"delete from {table} as target where {among} and not exists (select from incoming where {same_row})")
    ).rowcount
    inserted = connection.execute(
        statement(
            f"insert into {table} ({columns}) select {columns} from incoming"
            f" where not exists (select from {table} as target where {same_key})"
        )
    ).rowcount
    connection.execute("drop table incoming")
    return deleted, inserted
