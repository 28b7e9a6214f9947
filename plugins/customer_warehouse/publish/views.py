"""The views that readers see: the rows of the batch in `ops.published`, without the batch's number.

Schema `marts` has every column; schema `marts_bi` has the same relations without the columns that name a person, for
tools that select everything they find. Replacing a view waits for every reader that is inside a transaction and makes
all later ones wait behind it, so a view is touched only when its columns have changed, for two seconds at a time, and
in the transaction that moves the pointer: a night that is not published changes no view.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import psycopg

from customer_warehouse.database import Connection, quoted, scalar, statement
from customer_warehouse.ops.batches import BATCH, UNTIL, holds_in
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.publish.declared import AS_OF, Column, Mart

FULL, WITHOUT_PERSONS, STORE = "marts", "marts_bi", "marts_store"
SCHEMAS = (FULL, WITHOUT_PERSONS)
LOCK_SECONDS = 2
ATTEMPTS = 30
"""How often a view that must be replaced is tried: readers wait two seconds at most, then they go first."""

SHOWN = f"select {BATCH} from ops.published"
"""The batch that readers see."""
SHOWN_AS_OF = "select as_of from ops.published"
"""The end of the night that they see."""
SHOWN_SEGMENTS = f"select max({BATCH}) from {quoted(STORE, 'segment_sizes')} where {BATCH} <= ({SHOWN})"
"""The batch whose segments readers see: the published one, and until its segments are made the last one before it."""

Shape = list[tuple[str, str]]
"""The columns of a relation in their order, each with its type."""
Shapes = dict[tuple[str, str], Shape]
"""By schema and relation."""


def shapes(connection: Connection) -> Shapes:
    """The columns of every relation of the three schemas, as the database has them."""
    found: Shapes = {}
    for schema, relation, name, kind in connection.execute(
        """
        select nspname::text, relname::text, attname::text, format_type(atttypid, atttypmod)
        from pg_attribute
        join pg_class on pg_class.oid = attrelid
        join pg_namespace on pg_namespace.oid = relnamespace
        where nspname = any(%s) and relkind in ('r', 'v', 'p') and attnum > 0 and not attisdropped
        order by nspname, relname, attnum
        """,
        ([*SCHEMAS, STORE],),
    ).fetchall():
        found.setdefault((schema, relation), []).append((name, kind))
    return found


def stored(connection: Connection) -> list[str]:
    """The names of all marts that are stored: the tables of `marts_store` that hold batches."""
    rows = connection.execute(
        "select table_name from information_schema.columns"
        " where table_schema = %s and column_name = %s order by table_name",
        (STORE, BATCH),
    ).fetchall()
    return [name for (name,) in rows]


def columns_of(mart: Mart, schema: str) -> list[Column]:
    """The columns of the mart that the schema shows."""
    return [column for column in mart.columns if schema == FULL or not column.is_direct]


def wanted_shape(found: Shapes, mart: Mart, schema: str) -> Shape:
    """What the view of the mart should have, with the types of its table. Raises StageError when one is not stored."""
    types = dict(found.get((STORE, mart.name), []))
    if mart.versions:
        types[AS_OF] = "timestamp with time zone"
    columns = columns_of(mart, schema)
    missing = [column.name for column in columns if column.name not in types]
    if missing:
        raise StageError(
            f"The mart {mart.name} is declared with {', '.join(missing)} and was built without; build the marts again."
        )
    return [(column.name, types[column.name]) for column in columns]


def bring(connection: Connection, marts: Sequence[Mart]) -> list[str]:
    """Make the views what `marts` declare; returns those that were made or replaced. The caller commits.

    Views of marts that are declared no more are taken away. Raises StageError when a reader stays inside a transaction
    for longer than a minute on a view that has to be replaced.
    """
    changes: dict[str, str] = {}
    found = shapes(connection)
    for mart in marts:
        for schema in SCHEMAS:
            change = _change(connection, found, mart, schema)
            if change:
                changes[f"{schema}.{mart.name}"] = change
    names = {mart.name for mart in marts}
    for name in stored(connection):
        for schema in SCHEMAS:
            if name not in names and (schema, name) in found:
                changes[f"{schema}.{name}"] = f"drop view {quoted(schema, name)}"
    if changes:
        _execute(connection, "; ".join(changes.values()), sorted(changes))
    _comment(connection, marts)
    return sorted(changes)


def _change(connection: Connection, shapes_found: Shapes, mart: Mart, schema: str) -> str | None:
    """The statements that give the view its columns; None when it has them."""
    wanted, found = wanted_shape(shapes_found, mart, schema), shapes_found.get((schema, mart.name), [])
    if wanted == found and (not mart.versions or _shows_versions(connection, schema, mart.name)):
        return None
    view = quoted(schema, mart.name)
    made = {AS_OF: f"({SHOWN_AS_OF}) as {AS_OF}"} if mart.versions else {}
    listed = ", ".join(made.get(name, quoted(name)) for name, _ in wanted)
    shown = holds_in(SHOWN_SEGMENTS if mart.meta.after_segments else SHOWN, mart.versions)
    create = f"create or replace view {view} as select {listed} from {quoted(STORE, mart.name)} where {shown}"
    if wanted[: len(found)] == found:
        return create  # columns added at the end keep the view and its rights
    return "; ".join([f"drop view {view}", create, *_rights(connection, schema, mart.name)])


def _shows_versions(connection: Connection, schema: str, name: str) -> bool:
    """Whether the view is of a table that kept versions already when the view was made."""
    return UNTIL in str(scalar(connection, "select pg_get_viewdef(to_regclass(%s))", (quoted(schema, name),)))


def _rights(connection: Connection, schema: str, name: str) -> list[str]:
    """The statements that would give a view's rights again, but those of single columns, which are for `roles`."""
    rows = connection.execute(
        """
        select format('grant %%s on %%I.%%I to %%s', privilege_type, table_schema, table_name,
            case grantee when 'PUBLIC' then 'public' else quote_ident(grantee) end)
        from information_schema.role_table_grants
        where table_schema = %s and table_name = %s and grantee <> current_user order by 1
        """,
        (schema, name),
    ).fetchall()
    return [text for (text,) in rows]


def _execute(connection: Connection, statements: str, views: Sequence[str]) -> None:
    """Run the statements, all or none, without making readers wait for longer than `LOCK_SECONDS` at a time."""
    for attempt in range(ATTEMPTS):
        try:
            with connection.transaction():
                connection.execute(statement(f"set local lock_timeout = '{LOCK_SECONDS}s'"))
                connection.execute(statement(statements))
                connection.execute(statement("set local lock_timeout = 0"))
            return
        except psycopg.errors.LockNotAvailable:
            if attempt < ATTEMPTS - 1:
                time.sleep(0.5)
    who = scalar(
        connection,
        "select string_agg(distinct format('process %%s of %%s', activity.pid, activity.usename), ', ')"
        " from pg_locks join pg_stat_activity as activity using (pid)"
        " where locktype = 'relation' and granted and pid <> pg_backend_pid()"
        " and relation = any(select to_regclass(name) from unnest(cast(%s as text[])) as name)",
        (list(views),),
    )
    raise StageError(
        f"The columns of {', '.join(views)} have changed, and readers inside a transaction hold the views as they are"
        f" ({who or 'gone by now'}); end their transactions and publish again."
    )


def _comment(connection: Connection, marts: Sequence[Mart]) -> None:
    """Give views and columns their meaning, so that a BI tool shows it; this lock lets readers through."""
    found = {
        (schema, relation, column): text
        for schema, relation, column, text in connection.execute(
            """
            select nspname::text, relname::text, coalesce(attname::text, ''), description
            from pg_description
            join pg_class on pg_class.oid = objoid
            join pg_namespace on pg_namespace.oid = relnamespace
            left join pg_attribute on attrelid = objoid and attnum = objsubid and objsubid > 0
            where classoid = 'pg_class'::regclass and nspname = any(%s)
            """,
            (list(SCHEMAS),),
        ).fetchall()
    }
    for mart in marts:
        for schema in SCHEMAS:
            view = quoted(schema, mart.name)
            wanted = {"": in_words(mart)} | {column.name: in_words(column) for column in columns_of(mart, schema)}
            for name, text in wanted.items():
                if found.get((schema, mart.name, name)) != text:
                    what = f"column {view}.{quoted(name)}" if name else f"view {view}"
                    literal = psycopg.sql.Literal(text).as_string(connection)
                    connection.execute(statement(f"comment on {what} is {literal}"))


def in_words(thing: Mart | Column) -> str:
    """The meaning in English and Chinese; of a column with its unit and where it comes from."""
    lines = [thing.description]
    if isinstance(thing, Column):
        lines.append(f"Unit: {thing.unit or 'not said'}. Source: {thing.source or 'not said'}.")
    lines += [text for text in dict.fromkeys((thing.meta.zh, thing.zh_hans)) if text]
    return "\n".join(lines)
