"""The table of an entity's raw rows: its columns follow the declaration, and what was kept aside moves into them."""

from __future__ import annotations

from collections.abc import Iterable

from customer_warehouse.database import Connection, quoted, statement
from customer_warehouse.extract.declaration import FILE_COLUMNS, Source, raw_table


def raw_columns(source: Source, entity: str) -> list[str]:
    """The columns that hold what the source delivered by name; beside them is `_extra`."""
    return [*source.entities[entity].columns, *(FILE_COLUMNS if source.kind == "files" else ())]


def newest_first(source: Source) -> str:
    """SQL that puts the versions of a key in order, the one that stands first.

    Of versions of the same time, in files that of the last name stands, so that it does not matter which came first.
    """
    return f"_version_at desc, {'_file desc nulls last, ' if source.kind == 'files' else ''}_seq desc"


def content(columns: Iterable[str], prefix: str = "") -> str:
    """SQL, of DuckDB and PostgreSQL alike, of a row's content as one text.

    Columns stand in the order of their names and those without a value are left out: neither another order in the
    declaration nor a column that is declared later makes other rows of the old ones.
    """
    parts = (f"'{name.replace(chr(39), chr(39) * 2)}=' || {prefix}{quoted(name)}" for name in sorted(columns))
    return f"concat_ws(chr(31), {', '.join(parts)}, {prefix}_extra)"


def create(connection: Connection, source: Source, entity: str) -> None:
    """Create the table, or add what has been declared since; `_extra` gives the new columns their earlier values."""
    schema, name = raw_table(source.source, entity)
    table = quoted(schema, name)
    columns = raw_columns(source, entity)
    there = {
        column
        for (column,) in connection.execute(
            "select column_name from information_schema.columns where table_schema = %s and table_name = %s",
            (schema, name),
        )
    }
    if there:
        for column in ("_seen_at", "_seen_as_of"):
            connection.execute(statement(f"alter table {table} add column if not exists {column} timestamptz"))
        new = [column for column in columns if column not in there]
        for column in new:
            connection.execute(statement(f"alter table {table} add column {quoted(column)} text"))
        if new:
            _fill_from_extra(connection, table, new, list(source.entities[entity].columns))
        return
    connection.execute(
        statement(
            f"""
            create table {table} (
                {", ".join(f"{quoted(column)} text" for column in [*columns, "_extra"])},
                _key text not null, _row_hash uuid not null, _version_at timestamptz not null,
                _as_of timestamptz not null, _batch_id bigint not null, _deleted boolean not null default false,
                _seen_at timestamptz, _seen_as_of timestamptz,
                _seq bigint generated always as identity,
                primary key (_key, _version_at, _row_hash)
            );
            create index {quoted(name + "_seq")} on {table} using brin (_seq);
            create index {quoted(name + "_seen")} on {table} (_key) where _seen_at is not null;
            comment on column {table}._seen_at is
            'The last time this version was delivered again unchanged, and by which night (_seen_as_of).';
            """
        )
    )


def _fill_from_extra(connection: Connection, table: str, new: list[str], declared: list[str]) -> None:
    """Move the values of `new` columns out of `_extra`; as if they had always been declared."""
    taken = ", ".join(f"_extra::json ->> {_literal(column)} as {quoted(column)}" for column in new)
    after = content(declared, "c.").replace("c._extra", "n._extra")
    for column in new:
        after = after.replace(f"c.{quoted(column)}", f"n.{quoted(column)}")
    names = ", ".join(_literal(column) for column in new)
    connection.execute(
        statement(
            f"""
            update {table} as c
            set {", ".join(f"{quoted(column)} = n.{quoted(column)}" for column in new)},
                _extra = n._extra, _row_hash = md5({after})::uuid
            from (
                select ctid as place, {taken}, (
                    select '{{' || string_agg(to_json(key)::text || ':' || value::text, ',' order by key collate "C")
                        || '}}'
                    from json_each(_extra::json) where key not in ({names})
                ) as _extra
                from {table} where _extra::jsonb ?| array[{names}]
            ) as n
            where c.ctid = n.place
            """
        )
    )


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
