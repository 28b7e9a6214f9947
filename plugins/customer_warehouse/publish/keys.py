"""Primary keys of the stored marts: a row is named by its batch and the columns that the mart's `key` test names.

The unique index costs no more than the plain one it stands in for. Foreign keys are declared in the dictionary only: to
enforce one makes writing a mart ten times as long, and deleting an old night thirty times.
"""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from customer_warehouse.database import Connection, quoted, statement
from customer_warehouse.ops.batches import BATCH
from customer_warehouse.publish.declared import Mart
from customer_warehouse.publish.views import STORE, stored


def declare(connection: Connection, marts: Sequence[Mart]) -> None:
    """Give every stored mart that has none its primary key, in place of an index of the same columns; commits.

    A table that a reader holds is left for the next night.
    """
    existing = set(stored(connection))
    for mart in marts:
        if mart.name not in existing or not mart.key or _has_primary_key(connection, mart.name):
            continue
        columns = [*mart.key, BATCH] if mart.versions else [BATCH, *mart.key]
        table = quoted(STORE, mart.name)
        same = _indexes(connection, mart.name, columns)
        try:
            with connection.transaction():
                connection.execute(statement("set local lock_timeout = '2s'"))
                connection.execute(
                    statement(f"alter table {table} add primary key ({', '.join(map(quoted, columns))})")
                )
                for index in same:
                    connection.execute(statement(f"drop index {quoted(STORE, index)}"))
        except psycopg.errors.LockNotAvailable:
            print(f"{mart.name} gets its primary key another night: a reader is inside a transaction.", flush=True)
        connection.commit()


def _has_primary_key(connection: Connection, name: str) -> bool:
    row = connection.execute(
        "select exists (select from pg_constraint where conrelid = to_regclass(%s) and contype = 'p')",
        (quoted(STORE, name),),
    ).fetchone()
    return row == (True,)


def _indexes(connection: Connection, name: str, columns: Sequence[str]) -> list[str]:
    """The plain indexes of the table on exactly these columns in this order."""
    rows = connection.execute(
        """
        select (select relname::text from pg_class where oid = indexrelid)
        from pg_index
        where indrelid = to_regclass(%s) and not indisunique and indpred is null and indexprs is null
            and (
                select array_agg(attname::text order by place)
                from unnest(indkey::smallint[]) with ordinality as key (attnum, place)
                join pg_attribute on attrelid = indrelid and pg_attribute.attnum = key.attnum
            ) = cast(%s as text[])
        """,
        (quoted(STORE, name), list(columns)),
    ).fetchall()
    return [index for (index,) in rows]
