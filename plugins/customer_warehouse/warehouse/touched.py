"""Which keys were touched since the facts were made: noted by triggers, taken by the next build.

Every insert, update and delete in a watched table leaves its keys in `ops.touched_keys`, in the transaction that made
it, whoever made it. So a row is made anew because it changed, not because it is young: a late row is never lost. The
models that are made by touched keys say so in their configuration; see "Facts by touched keys" of the dbt project.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from customer_warehouse.database import Connection, quoted, scalar, statement
from customer_warehouse.standardise.model import standard_model

EVENTS = {
    "insert": "referencing new table as added",
    "update": "referencing old table as gone new table as added",
    "delete": "referencing old table as gone",
    "truncate": "",
}
KEYS_OF_ALL_SOURCES = {"order_number", "customer_id"}
"""Columns that other rows name a row by, beside those called `…_key`; they mean the same in every source."""
NO_KEYS_OF_FACTS = {"store_key"}
"""No fact has anything of a store but its key, and a store has as many rows as a table has fifths."""


WHOLE = "warehouse"
"""The row of `ops.model_builds` that stands for all models of the warehouse."""


def watched() -> dict[str, list[str]]:
    """Every table that facts are made from, as `schema.name`, with the columns that lead from its rows to facts."""
    tables = {
        f"standardised.{name}": [
            "source_key",
            *(
                column
                for column in entity.columns
                if (column.endswith("_key") and column not in NO_KEYS_OF_FACTS) or column in KEYS_OF_ALL_SOURCES
            ),
        ]
        for name, entity in standard_model().items()
    }
    return tables | {
        "standardised.rejects": ["source_key"],
        "identity.customer_records": ["source_key", "customer_id"],
    }


def watch(connection: Connection) -> list[str]:
    """Have the keys of every watched table noted, and its rows found by them, from now on; the caller commits.

    Returns the tables that nobody watched before: what happened to them is not known, so all of them counts as touched.
    """
    unwatched = []
    for table, keys in watched().items():
        found = connection.execute(
            "select tgargs from pg_trigger where tgrelid = to_regclass(%s) and tgname like 'touched_on_%%'", (table,)
        ).fetchall()
        arguments = b"".join(key.encode() + b"\0" for key in keys)
        if [bytes(args) for (args,) in found] == [arguments] * len(EVENTS):
            continue
        unwatched.append(table)
        name, listed = quoted(*table.split(".")), ", ".join(f"'{key}'" for key in keys)
        for event, tables in EVENTS.items():
            connection.execute(
                statement(
                    f"create or replace trigger touched_on_{event} after {event} on {name} {tables}"
                    f" for each statement execute function ops.note_touched({listed})"
                )
            )
        for key in keys:
            if key != "source_key":
                index = quoted(f"{table.partition('.')[2]}_{key}")
                columns = quoted(key) if key in KEYS_OF_ALL_SOURCES else f"source, {quoted(key)}"
                connection.execute(statement(f"create index if not exists {index} on {name} ({columns})"))
        connection.execute("insert into ops.touched_keys (relation) values (%s)", (table,))
    return unwatched


def take(connection: Connection) -> int:
    """Give all that was touched so far to one build; returns its number. The caller commits before it builds."""
    batch = int(scalar(connection, "select nextval('ops.touched_batches')"))
    connection.execute("update ops.touched_keys set batch = %s where batch is null", (batch,))
    connection.execute("analyze ops.touched_keys")
    return batch


def finished(connection: Connection) -> int | None:
    """The last build, when it was finished: the lists of touched keys are then those that it was made from."""
    row = connection.execute(
        "select batch from ops.model_builds where model = %s and batch = (select last_value from ops.touched_batches)",
        (WHOLE,),
    ).fetchone()
    return int(row[0]) if row else None


def forget(connection: Connection, batch: int) -> None:
    """Forget what the finished build `batch` and those before it were given; the caller commits.

    A model that has not been built since then no longer knows what it missed: it is made anew in full the next time. A
    mart is built later, from all that this build has made other than the one before it: one of that build knows enough.
    """
    before = int(scalar(connection, "select coalesce(max(batch), 0) from ops.model_builds where model = %s", (WHOLE,)))
    connection.execute(
        "delete from ops.touched_keys where batch <= %s and (key_column is not null or batch <= %s)", (batch, before)
    )
    connection.execute(
        "delete from ops.model_builds where batch < case when is_mart then %s else %s end", (before, batch)
    )
    connection.execute(
        "insert into ops.model_builds (model, fingerprint, batch, night)"
        " select %s, '', %s, max(night) from ops.model_builds where batch = %s"
        " on conflict (model) do update set batch = excluded.batch, night = excluded.night",
        (WHOLE, batch, batch),
    )


def program(project: Path) -> str:
    """Changes whenever a macro or setting of the dbt project does; models and seeds are known to dbt itself."""
    files = [project / "dbt_project.yml", *sorted((project / "macros").rglob("*.sql"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
