"""Reads SQL databases, through dlt's `sql_database` source, as Arrow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
from dlt.sources.sql_database import sql_table
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError, NoSuchTableError, SQLAlchemyError

from customer_warehouse.extract.declaration import DatabaseRead, Source
from customer_warehouse.extract.readers import Header, Page, SourceError, Window, as_json

ROWS_A_PAGE = 20_000


class DatabaseReader:
    """Reads one database, reached by its SQLAlchemy address."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def pages(self, entity: str, window: Window) -> Iterator[Page]:
        declared = self.source.entities[entity]
        cursor = None if declared.full_read else declared.cursor

        def in_window(query: Any, table: Any, *_: Any) -> Any:
            if cursor is None:
                return query
            column = table.c[cursor]
            query = query.where(column < self._bound(window.end, column.type))
            return query if window.start is None else query.where(column >= self._bound(window.start, column.type))

        for number, rows in enumerate(self._tables(entity, in_window), start=1):
            needed = [*declared.key, *filter(None, [declared.cursor])]
            if missing := [name for name in needed if name not in rows.schema.names]:
                raise SourceError(f"{entity}: the table lacks the columns {', '.join(missing)}.")
            names = {name for name in rows.schema.names if not name.startswith("_dlt")}
            declared_names = list(declared.columns)
            header = Header(frozenset(declared_names) - names, frozenset(names.difference(declared_names)))
            yield Page(_as_text(rows, declared_names), f"page {number}", header=header)

    def _bound(self, moment: datetime, kind: Any) -> datetime:
        """The moment as the column writes it: a column without a time zone means the source's own."""
        if getattr(kind, "timezone", False):
            return moment
        return moment.astimezone(ZoneInfo(self.source.time_zone)).replace(tzinfo=None)

    def keys(self, entity: str) -> Iterator[pa.Table]:
        key = self.source.entities[entity].key

        def only_keys(query: Any, table: Any, *_: Any) -> Any:
            return query.with_only_columns(*(table.c[name] for name in key))

        for rows in self._tables(entity, only_keys, key):
            yield _as_text(rows, key).select(key)

    def _tables(self, entity: str, query: Any, only: list[str] | None = None) -> Iterator[pa.Table]:
        read = self.source.read_of(entity)
        assert isinstance(read, DatabaseRead)
        engine = create_engine(self.source.connection.url, pool_pre_ping=True)
        try:
            resource = sql_table(
                credentials=engine,
                table=read.table,
                schema=read.schema_name,
                backend="pyarrow",
                chunk_size=ROWS_A_PAGE,
                reflection_level="full",
                included_columns=only,
                query_adapter_callback=query,
            )
            for rows in resource:
                yield rows if isinstance(rows, pa.Table) else pa.Table.from_batches([rows])
        except NoSuchTableError:
            raise SourceError(f"{entity}: there is no table {read.table}.") from None
        except Exception as error:
            raise SourceError(f"{entity}: {_cause(error)}.") from None
        finally:
            engine.dispose()


def _cause(error: BaseException) -> str:
    """The reason without the driver's words: those may quote a row or a password."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, DBAPIError):
            return f"the database cannot be reached or broke off ({type(seen.orig).__name__})"
        if isinstance(seen, SQLAlchemyError):
            return f"the database refused the query ({type(seen).__name__})"
        seen = seen.__cause__ or seen.__context__
    return f"reading failed ({type(error).__name__})"


def _as_text(rows: pa.Table, columns: list[str]) -> pa.Table:
    """The declared columns as text, timestamps as ISO 8601 in UTC; other columns go to `_extra` as JSON."""
    texts = {name: _column_as_text(rows.column(name)) for name in columns if name in rows.schema.names}
    table = pa.table({name: texts.get(name, pa.nulls(rows.num_rows, pa.string())) for name in columns})
    others = [name for name in rows.schema.names if name not in columns and not name.startswith("_dlt")]
    if not others:
        return table.append_column("_extra", pa.nulls(rows.num_rows, pa.string()))
    extra = pa.table({name: _column_as_text(rows.column(name)) for name in others})
    return table.append_column("_extra", as_json(extra))


def _column_as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        utc = column.cast(pa.timestamp("us", tz=column.type.tz))
        return pc.strftime(utc, format="%Y-%m-%dT%H:%M:%S" + ("+00:00" if column.type.tz else ""))
    try:
        texts = column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        texts = pa.chunked_array([[_as_one_text(value) for value in column.to_pylist()]], pa.string())
    return pc.replace_substring(texts, "\0", "")


def _as_one_text(value: Any) -> str | None:
    """A list, an object or bytes as text; bytes that are no text lose what cannot be read."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
