"""The files' own books: what the delivered files say, read without any of the code that loads them.

The reader of the extract stage parses with Arrow; here the files are listed from the disk, counted by Python's `csv`
and queried by DuckDB, so that a mistake in one of them shows as a difference.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote, urlsplit

import duckdb

from customer_warehouse.acceptance.data_set import AcceptanceError
from customer_warehouse.database import quoted
from customer_warehouse.extract.declaration import FilesRead, Source

UTF_8 = ("utf-8", "utf8", "utf-8-sig")


@dataclass(frozen=True)
class Delivered:
    """One file that is ready to be read."""

    path: Path
    name: str
    """Its path under the source's folder."""
    day: date
    header: tuple[str, ...]
    rows: int
    """The rows its manifest promises, else those it holds."""
    repeats: str | None
    """An earlier file of the same entity with the very same content."""


class Books:
    """The files of every source of kind `files`. Use `open_books`."""

    def __init__(self, sources: tuple[Source, ...], duck: duckdb.DuckDBPyConnection, scratch: Path) -> None:
        self._duck = duck
        self._scratch = scratch
        self.sources = {source.source: source for source in sources}
        self.files: dict[tuple[str, str], list[Delivered]] = {
            (source.source, entity): delivered(source, entity) for source in sources for entity in source.entities
        }
        for source in sources:
            if not any(self.files[source.source, entity] for entity in source.entities):
                raise AcceptanceError(_nothing_found(source))
            if source.controls:
                self._load(source)

    def missing(self) -> list[str]:
        """Entities of which there is no file at all, each with the path that finds none."""
        return [
            f"{source}.{entity}: no file {files_read(self.sources[source], entity).path}"
            for (source, entity), files in self.files.items()
            if not files
        ]

    def days(self) -> list[date]:
        """The trading days: every day that a file is from."""
        return sorted({file.day for files in self.files.values() for file in files})

    def rows(self, source: str, entity: str, until: date) -> int:
        """The rows of all files of the entity up to and with the day `until`."""
        return sum(file.rows for file in self.files[source, entity] if file.day <= until)

    def repeated(self, source: str, entity: str, until: date) -> int:
        """Of these, the rows of files that were delivered twice."""
        return sum(file.rows for file in self.files[source, entity] if file.day <= until and file.repeats)

    def figures(self, source: str, until: date) -> dict[str, Decimal | float]:
        """The source's control figures over the files up to and with the day `until`.

        A Decimal when the control's SQL is exact, a float when it is not. Raises AcceptanceError when the SQL of one
        cannot be computed.
        """
        declared = self.sources[source]
        views = list(declared.entities)
        for entity in views:
            self._duck.execute(
                f"create or replace view {quoted(source, entity)} as select * exclude (_day)"
                f" from {quoted(source + ' all', entity)} where _day <= date '{until.isoformat()}'"
            )
        if len(views) == 1:
            only = quoted(source, views[0])
            self._duck.execute(f"create or replace view {quoted(source, 'files')} as select * from {only}")
        self._duck.execute(f"use {quoted(source)}")
        return {name: self._figure(declared, name) for name in declared.controls}

    def _figure(self, source: Source, name: str) -> Decimal | float:
        views = ["files"] if len(source.entities) == 1 else []
        views += list(source.entities)
        try:
            row = self._duck.execute(source.controls[name]).fetchone()
        except duckdb.Error as error:
            raise AcceptanceError(
                f"The control {name!r} of {source.source}.yml cannot be computed over the views {', '.join(views)}:"
                f" {_said(error)}."
            ) from None
        value = row[0] if row else None
        if value is None:
            return Decimal(0)
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise AcceptanceError(
                f"The control {name!r} of {source.source}.yml gives no number; let its SQL select one number."
            )
        return value if isinstance(value, float) else Decimal(value)

    def _load(self, source: Source) -> None:
        """Load the source's files as they are, every column text, into a table an entity."""
        self._duck.execute(f"create schema {quoted(source.source + ' all')}")
        self._duck.execute(f"create schema {quoted(source.source)}")
        for entity, declared in source.entities.items():
            read = files_read(source, entity)
            files = [file for file in self.files[source.source, entity] if not file.repeats]
            columns = dict.fromkeys([*declared.columns, *(name for file in files for name in file.header)])
            table = quoted(source.source + " all", entity)
            definition = ", ".join(f"{quoted(name)} varchar" for name in [*columns, "_file"])
            self._duck.execute(f"create table {table} ({definition}, _day date)")
            groups: dict[tuple[str, ...], list[Delivered]] = {}
            for file in files:
                groups.setdefault(file.header, []).append(file)
            for header, group in groups.items():
                self._insert(table, header, group, read)

    def _insert(self, table: str, header: tuple[str, ...], files: list[Delivered], read: FilesRead) -> None:
        """Append files that have the same header; a line that does not fit it is left out, as it means nothing."""
        paths = {str(_as_utf8(file.path, read.encoding, self._scratch)): file for file in files}
        self._duck.execute("create or replace temp table places (path varchar, _file varchar, _day date)")
        self._duck.executemany(
            "insert into places values (?, ?, ?)", [[path, file.name, file.day] for path, file in paths.items()]
        )
        self._duck.execute(
            f"""
            insert into {table} by name
            select rows.* exclude (filename), places._file, places._day
            from read_csv(
                $paths, auto_detect = false, header = true, columns = $columns, delim = $delimiter, quote = '"',
                escape = '"', nullstr = '', ignore_errors = true, filename = true
            ) as rows
            join places on places.path = rows.filename
            """,
            {
                "paths": list(paths),
                "columns": dict.fromkeys(header, "VARCHAR"),
                "delimiter": read.delimiter,
            },
        )


@contextmanager
def open_books(sources: tuple[Source, ...]) -> Iterator[Books]:
    """Read the files of `sources` (all of kind `files`); what is kept of them meanwhile is on disk, not in memory.

    Raises AcceptanceError when a source's folder is not on this machine or holds no file that its declaration names.
    """
    with tempfile.TemporaryDirectory(prefix="acceptance-") as scratch:
        duck = duckdb.connect(str(Path(scratch) / "books.duckdb"), config={"threads": 2})
        try:
            yield Books(sources, duck, Path(scratch))
        finally:
            duck.close()


def delivered(source: Source, entity: str) -> list[Delivered]:
    """The entity's files that are ready, by day and name. Raises AcceptanceError when there is nowhere to look."""
    root = _folder(source)
    read = files_read(source, entity)
    if "{date}" not in read.path:
        raise AcceptanceError(f"{source.source}.yml: the path {read.path!r} of {entity} has no {{date}} in it.")
    shape = read.parts
    found: list[tuple[date, str, Path]] = []
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        match = shape.fullmatch(name)
        if match is None or not path.is_file() or (read.manifest and not Path(f"{path}{read.manifest}").is_file()):
            continue
        try:
            found.append((date.fromisoformat(match["date"]), name, path))
        except ValueError:
            continue
    first: dict[str, str] = {}
    files = []
    for day, name, path in sorted(found, key=lambda item: item[:2]):
        header, rows = _counted(path, read)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        known = first.setdefault(sha256, name) if rows else name
        promised = _promised(Path(f"{path}{read.manifest}")) if read.manifest else None
        files.append(
            Delivered(path, name, day, header, rows if promised is None else promised, known if known != name else None)
        )
    return files


def _nothing_found(source: Source) -> str:
    reads = [files_read(source, entity) for entity in source.entities]
    paths = ", ".join(read.path + (f" (with {read.manifest})" if read.manifest else "") for read in reads)
    return (
        f"{source.source}.yml: {_folder(source)} holds no file of the form {paths}; {{date}} stands for a day like"
        " 2026-11-21, every other {part} for any name without a slash, and a file with a manifest counts only when the"
        " manifest is there."
    )


def files_read(source: Source, entity: str) -> FilesRead:
    """How the entity's files are read."""
    read = source.read_of(entity)
    assert isinstance(read, FilesRead)
    return read


def _folder(source: Source) -> Path:
    """The source's folder on this machine."""
    url = source.connection.url
    parts = urlsplit(url)
    if parts.scheme not in ("", "file"):
        raise AcceptanceError(
            f"{source.source}.yml reads from {parts.scheme}://, but an acceptance compares with files on this machine:"
            " write `url: ${ACCEPTANCE_DATA}`."
        )
    folder = Path(unquote(parts.path) if parts.scheme else url)
    if not folder.is_dir():
        raise AcceptanceError(f"{source.source}.yml: there is no folder {folder}; write `url: ${{ACCEPTANCE_DATA}}`.")
    return folder


def _counted(path: Path, read: FilesRead) -> tuple[tuple[str, ...], int]:
    """The file's header and the number of its rows; a file that is no text counts by its line ends."""
    encoding = "utf-8-sig" if read.encoding.lower() in UTF_8 else read.encoding
    try:
        with path.open(encoding=encoding, newline="") as file:
            lines = csv.reader(file, delimiter=read.delimiter)
            header = tuple(next(lines, []))
            return header, sum(1 for line in lines if line)
    except (UnicodeDecodeError, csv.Error):
        content = path.read_bytes()
        first = io.StringIO(content.partition(b"\n")[0].decode(encoding, "replace"))
        return tuple(next(csv.reader(first, delimiter=read.delimiter), [])), max(content.count(b"\n") - 1, 1)


def _promised(manifest: Path) -> int | None:
    try:
        return int(json.loads(manifest.read_bytes())["rows"])
    except (ValueError, KeyError, TypeError):
        return None


def _as_utf8(path: Path, encoding: str, scratch: Path) -> Path:
    """The file itself, or a copy in UTF-8, which is what DuckDB reads without an extension."""
    if encoding.lower() in UTF_8:
        return path
    copy = scratch / f"{hashlib.sha256(str(path).encode()).hexdigest()[:24]}.csv"
    copy.write_text(path.read_bytes().decode(encoding, "replace"), encoding="utf-8", newline="")
    return copy


def _said(error: duckdb.Error) -> str:
    """DuckDB's message, its first line; quoted values of rows are masked, names of columns are not."""
    text = str(error).strip().splitlines()[0].rstrip(".")
    about_sql = isinstance(error, duckdb.BinderException | duckdb.CatalogException | duckdb.ParserException)
    return text if about_sql else re.sub(r"\"[^\"]*\"|'[^']*'", "…", text)
