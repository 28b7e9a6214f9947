"""Readers: one for each kind of source. dlt does the reading; here its pages become Arrow tables of text."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

import pyarrow as pa

from customer_warehouse.extract.declaration import Source

# dlt asks Airflow for settings of its own when Airflow is installed, which costs four seconds; and it reports its use.
os.environ["PROVIDERS__ENABLE_AIRFLOW_SECRETS"] = "false"
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"


class SourceError(Exception):
    """The source could not be read. The message says what failed and holds no value of a row."""


@dataclass(frozen=True)
class Window:
    """What to read: rows that changed in [start, end). Both aware UTC; no start means everything up to the end."""

    start: datetime | None
    end: datetime


@dataclass(frozen=True)
class Isolated:
    """Rows that cannot be landed, and why. Names a place, never a value."""

    place: str
    reason: str
    rows: int


@dataclass(frozen=True)
class DeliveredFile:
    """A file that a page came from."""

    name: str
    sha256: str
    rows: int
    isolated_because: str | None = None
    repeats: str | None = None
    """The file of this entity that had the same content."""
    detail: str | None = None
    """What may help to mend it."""
    seen_before: bool = False
    """It still has the content it was last read with, so it is not read again."""
    delivery: int = 0
    """How often a file of this name was delivered before, each time with another content."""


@dataclass(frozen=True)
class KnownFile:
    """What is known of a file's name: its latest good content, and how often a new one was delivered."""

    sha256: str
    deliveries: int


@dataclass(frozen=True)
class Header:
    """Which columns some rows came with."""

    absent: frozenset[str] = frozenset()
    """Declared columns that did not come."""
    added: frozenset[str] = frozenset()
    """Columns that came and are not declared."""
    came_as: tuple[tuple[str, str], ...] = ()
    """Declared columns that came in other case or with blanks, and under which name."""
    order: tuple[str, ...] = ()
    """All columns in the order they came, where they have one."""


@dataclass
class Page:
    """Some rows of one entity: all columns text, named as the source names them."""

    rows: pa.Table
    place: str
    """Where the page comes from, for messages: a file, or the page's number."""
    version_at: datetime | None = None
    """When these rows were true, where the rows themselves do not say; aware UTC."""
    file: DeliveredFile | None = None
    isolated: list[Isolated] = field(default_factory=list)
    header: Header = Header()
    is_first: bool = True
    """Whether it is the first page of its file."""
    is_waiting: bool = False
    """The place is a file that is not ready yet."""
    day: date | None = None
    """The business day in the path of the file that the page comes from."""


class Reader(Protocol):
    """Reads one source."""

    def pages(self, entity: str, window: Window) -> Iterator[Page]:
        """The entity's rows of the window. Raises SourceError when the source cannot be read."""
        ...

    def keys(self, entity: str) -> Iterator[pa.Table]:
        """The key columns of every row the source has now. Raises SourceError."""
        ...


def as_json(rows: pa.Table) -> pa.Array:
    """Each row as a JSON object of the values it has, sorted by name; null where it has none.

    Compact, as every reader writes nested values: what is taken out of it later reads like a column of its own.
    """
    encoded: list[str | None] = []
    for row in rows.to_pylist():
        given = {name: value for name, value in row.items() if value is not None}
        encoded.append(json.dumps(given, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if given else None)
    return pa.array(encoded, pa.string())


def reader_of(
    source: Source, known_files: dict[str, KnownFile] | None = None, again: frozenset[str] = frozenset()
) -> Reader:
    """The reader for the source's kind.

    `known_files`: the files, by name, that need no second reading; `again`: those to be looked at whatever their age,
    as they may have been corrected.
    """
    if source.kind == "rest_api":
        from customer_warehouse.extract.readers.rest_api import RestApiReader

        return RestApiReader(source)
    if source.kind == "database":
        from customer_warehouse.extract.readers.database import DatabaseReader

        return DatabaseReader(source)
    from customer_warehouse.extract.readers.files import FilesReader

    return FilesReader(source, known_files or {}, again)
