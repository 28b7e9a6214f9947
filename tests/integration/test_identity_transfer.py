"""Rows between PostgreSQL and Arrow."""

from __future__ import annotations

import pyarrow as pa
import pytest

from customer_warehouse.database import connect, statement
from customer_warehouse.identity import transfer
from customer_warehouse.identity.transfer import read_arrow, replace_contents

SCHEMA = pa.schema([("key", pa.string()), ("value", pa.string())])


def test_texts_arrive_as_they_are_however_the_stream_is_cut(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "BLOCK", 1000)
    values = [None, "", "a,b", 'a"b', "a\nb", "a\r\nb", "\\N", "王小明", "😀", "x" * 900]
    rows = [(f"{number:04}", values[number % len(values)]) for number in range(500)]
    with connect(database) as connection:
        connection.execute("create table kept (key text, value text)")
        connection.cursor().executemany("insert into kept values (%s, %s)", rows)

        batches = list(read_arrow(connection, "select value, key from kept where key >= %s", SCHEMA, ("0000",)))

    found = pa.Table.from_batches(batches)
    assert len(batches) > 1
    assert sorted(zip(found["key"].to_pylist(), found["value"].to_pylist(), strict=True)) == rows


def test_an_empty_table_gives_no_rows(database: str) -> None:
    with connect(database) as connection:
        connection.execute("create table kept (key text, value text)")

        assert sum(batch.num_rows for batch in read_arrow(connection, "select * from kept", SCHEMA)) == 0


def test_replacing_contents_touches_only_what_differs(database: str) -> None:
    rows = {"same": "1", "same null": None, "changed": "2", "new": "3"}
    with connect(database) as connection:
        connection.execute("create table kept (key text primary key, value text)")
        connection.execute("insert into kept values ('same', '1'), ('same null', null), ('changed', '1'), ('old', '1')")
        connection.execute("insert into kept values ('elsewhere', '1')")
        table = pa.Table.from_pylist([{"key": key, "value": value} for key, value in rows.items()], schema=SCHEMA)

        assert replace_contents(connection, "kept", ["key"], table, "key <> 'elsewhere'") == (2, 2)
        assert replace_contents(connection, "kept", ["key"], table, "key <> 'elsewhere'") == (0, 0)

        kept = connection.execute(statement("select key, value from kept")).fetchall()
    assert dict(kept) == rows | {"elsewhere": "1"}
