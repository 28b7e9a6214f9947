"""What extract must conserve: what the readers gave is in the batches' account, and what was landed is in `raw`."""

from __future__ import annotations

from customer_warehouse.database import Connection, quoted, scalar, statement
from customer_warehouse.extract.declaration import FILE_COLUMNS, Source, raw_table
from customer_warehouse.extract.raw_table import content
from customer_warehouse.night import Night
from customer_warehouse.ops.conservation import ROWS, Balance

WHAT_TO_DO = (
    "Compare the batches of that entity in ops.batches with its table in raw by _batch_id; when rows are gone from raw,"
    " restore the table or empty it together with its batches, so that the next night reads everything again."
)
TECHNICAL = frozenset(
    {*FILE_COLUMNS, "_extra", "_key", "_row_hash", "_version_at", "_as_of", "_batch_id", "_deleted", "_seen_at"}
    | {"_seen_as_of", "_seq"}
)
"""Columns of a raw table that the source's content is not in; `_extra` is added to it by itself."""


def read_balances(connection: Connection, night: Night, source: Source) -> list[Balance]:
    """Of the source's last reads in this run: rows of the source = landed + duplicates + isolated."""
    rows = connection.execute(
        """
        select distinct on (entity) entity, rows_read, rows_landed, rows_duplicate, rows_isolated
        from ops.batches where run_id = %s and source = %s and status = 'landed' order by entity, batch_id desc
        """,
        (night.run_id, source.source),
    ).fetchall()
    return [
        Balance(source.source, entity, ROWS, read, {"landed": landed, "duplicate": duplicate, "isolated": isolated})
        for entity, read, landed, duplicate, isolated in rows
    ]


def raw_balances(connection: Connection, night: Night, source: Source) -> list[Balance]:
    """Of all history: rows that batches landed = rows in `raw`; of this run: rows landed = rows still as they came.

    A row knows the hash of its content since it was landed, so that a changed value is found like a lost row.
    """
    balances: list[Balance] = []
    for name in source.entities:
        table = quoted(*raw_table(source.source, name))
        if scalar(connection, "select to_regclass(%s)", (table,)) is None:
            continue
        landed = scalar(
            connection,
            "select coalesce(sum(rows_landed + rows_restored + keys_deleted), 0) from ops.batches"
            " where source = %s and entity = %s and status = 'landed'",
            (source.source, name),
        )
        kept = scalar(connection, f"select count(*) from {table}")
        balances.append(Balance(source.source, name, "rows in raw", landed, {"kept": kept}))
        there, unchanged = _as_they_came(connection, night, source.source, name, table)
        balances.append(Balance(source.source, name, "rows as they came", there, {"unchanged": unchanged}))
    return balances


def _as_they_came(connection: Connection, night: Night, source: str, entity: str, table: str) -> tuple[int, int]:
    """Of the rows that this run landed: how many are there, and how many of them with the content they came with."""
    columns = [
        name
        for (name,) in connection.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped",
            (table,),
        )
        if name not in TECHNICAL
    ]
    came = content(columns).replace("%", "%%")
    row = connection.execute(
        statement(
            f"""
            select count(*), count(*) filter (where _row_hash = cast(md5({came}) as uuid))
            from {table}
            where _row_hash <> cast(md5('deleted') as uuid) and _batch_id in (
                select batch_id from ops.batches
                where run_id = %s and source = %s and entity = %s and status = 'landed'
            )
            """
        ),
        (night.run_id, source, entity),
    ).fetchone()
    assert row is not None
    return row[0], row[1]
