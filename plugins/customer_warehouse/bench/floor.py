"""The floor: the same bytes by plain COPY into an ordinary table of text.

Little that loads rows into PostgreSQL for good is faster, and it does nothing else: no hash, no key, no index, no look
at what is there already.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from customer_warehouse.bench.processor import used
from customer_warehouse.database import Connection, connect, quoted, statement
from customer_warehouse.extract.declaration import FilesRead, Source

BLOCK = 1 << 20


@dataclass(frozen=True)
class Floor:
    """What the plain COPY took."""

    seconds: float
    processor: float
    """Processor seconds, the server's with our own."""
    size: int
    """Bytes copied."""


class _Clock:
    """Adds up the time spent inside its blocks."""

    def __init__(self, postmaster: int) -> None:
        self._postmaster = postmaster
        self.seconds = 0.0
        self.processor = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        started, before = time.perf_counter(), used(self._postmaster)
        yield
        self.seconds += time.perf_counter() - started
        self.processor += used(self._postmaster) - before


def of_files(url: str, postmaster: int, source: Source) -> Floor:
    """Copy the source's files as they are, an entity to a table, one COPY each; listing them is not counted."""
    clock, size = _Clock(postmaster), 0
    with connect(url) as connection:
        for entity in source.entities:
            read = source.read_of(entity)
            assert isinstance(read, FilesRead)
            files = _files(source, read)
            if not files:
                continue
            header = files[0].read_bytes().partition(b"\n")[0]
            width = len(header.split(read.delimiter.encode()))
            options = f"format csv, delimiter '{read.delimiter}'"
            with clock.running():
                table = _table(connection, width)
                with connection.cursor().copy(statement(f"copy {table} from stdin with ({options})")) as copy:
                    for file in files:
                        content = file.read_bytes()
                        size += len(content)
                        copy.write(content[content.find(b"\n") + 1 :])
                connection.commit()
    return Floor(clock.seconds, clock.processor, size)


def of_tables(url: str, scratch_url: str, postmaster: int, pattern: str) -> Floor:
    """Copy the rows of the tables whose `schema.name` is like `pattern`; reading them out is not counted."""
    clock, size = _Clock(postmaster), 0
    with connect(url) as source, connect(scratch_url) as target:
        for table, width in _tables(source, pattern):
            with tempfile.TemporaryFile() as file:
                with source.cursor().copy(statement(f"copy {table} to stdout with (format csv)")) as out:
                    for block in out:
                        file.write(block)
                size += file.tell()
                file.seek(0)
                with clock.running():
                    copied = _table(target, width)
                    with target.cursor().copy(statement(f"copy {copied} from stdin with (format csv)")) as copy:
                        for part in _blocks(file):
                            copy.write(part)
                    target.commit()
    return Floor(clock.seconds, clock.processor, size)


def _table(connection: Connection, width: int) -> str:
    """A new table of `width` columns of text in place of the last one."""
    columns = ", ".join(f"c{number} text" for number in range(width))
    connection.execute("drop table if exists plain_copy")
    connection.execute(statement(f"create table plain_copy ({columns})"))
    return "plain_copy"


def _tables(connection: Connection, pattern: str) -> list[tuple[str, int]]:
    rows = connection.execute(
        """
        select n.nspname, c.relname,
            (select count(*) from pg_attribute as a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
        from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where c.relkind = 'r' and n.nspname || '.' || c.relname like %s order by 1, 2
        """,
        (pattern,),
    ).fetchall()
    return [(quoted(schema, name), int(width)) for schema, name, width in rows]


def _files(source: Source, read: FilesRead) -> list[Path]:
    parts = urlsplit(source.connection.url)
    root = Path(unquote(parts.path) if parts.scheme else source.connection.url)
    return sorted(root.glob(re.sub(r"\{\w+\}", "*", read.path)))


def _blocks(file: IO[bytes]) -> Iterable[bytes]:
    while block := file.read(BLOCK):
        yield block
