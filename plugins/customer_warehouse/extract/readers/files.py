"""Reads CSV files from a folder, or through dlt's `filesystem` source from an SFTP server or an S3 bucket.

A file with a manifest is ready only when the manifest is there; its row count and SHA-256 must hold. A file that
cannot be trusted is isolated whole, a line that does not fit the header alone; the others load.
"""

from __future__ import annotations

import calendar
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import pyarrow as pa
from dlt.sources.filesystem import filesystem
from dlt.sources.filesystem.helpers import fsspec_from_resource

from customer_warehouse.extract.declaration import Entity, FilesRead, Source
from customer_warehouse.extract.readers import (
    DeliveredFile,
    Header,
    Isolated,
    KnownFile,
    Page,
    SourceError,
    Window,
    as_json,
)
from customer_warehouse.extract.readers.file_content import (
    LARGEST,
    NUMBERED_LINES,
    Parsed,
    UnreadableError,
    read_content,
)

MOST_DAYS_LISTED_SINGLY = 31
NEWS = timedelta(days=31)
"""How late a file may come that was never there before; a corrected one must come within the entity's
overlap, or be asked for."""
ROWS_A_PAGE = 200_000
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Item:
    """One thing in the drop folder, by its path there."""

    name: str
    size: int
    is_file: bool
    read: Callable[[], bytes]


@dataclass(frozen=True)
class Listed:
    """A file to be read."""

    day: date | None
    """None when the day in its path does not exist."""
    item: Item
    manifest: Item | None

    @property
    def name(self) -> str:
        return self.item.name


class FilesReader:
    """Reads one drop folder.

    `known`: the files that were landed before; one that did not change is given as a page without rows. `again`: those
    to be looked at whatever their age.
    """

    def __init__(self, source: Source, known: dict[str, KnownFile], again: frozenset[str] = frozenset()) -> None:
        self.source = source
        self.known = known
        self.again = again
        self.contents = {file.sha256: name for name, file in known.items()}

    def pages(self, entity: str, window: Window) -> Iterator[Page]:
        read = self.source.read_of(entity)
        assert isinstance(read, FilesRead)
        declared = self.source.entities[entity]
        try:
            ready, waiting = self._listed(read, window)
            for name in waiting:
                yield Page(_no_rows(declared), name, is_waiting=True)
            for listed in ready:
                for page in self._file(declared, read, listed):
                    page.day = listed.day
                    yield page
        except SourceError:
            raise
        except Exception as error:
            raise SourceError(f"{entity}: the files cannot be read ({type(error).__name__}).") from None

    def keys(self, entity: str) -> Iterator[pa.Table]:
        raise SourceError(f"{entity}: files hold no full list of keys; mark deleted rows by a column instead.")

    def _listed(self, read: FilesRead, window: Window) -> tuple[list[Listed], list[str]]:
        """The ready files to be read, oldest first, and the names of those that are not ready yet.

        Of the window's days all files are read, as they may have been corrected; of the days before, within `NEWS`,
        those that were never there. A place that speaks again after a longer silence is heard from where it stopped.
        Those of `again` are read from wherever they are.
        """
        zone = ZoneInfo(self.source.time_zone)
        last = (window.end - timedelta(microseconds=1)).astimezone(zone).date()
        if window.start is None:
            return _ready(read, self._found(read, date.min, last), date.min, last, {})
        first = window.start.astimezone(zone).date()
        reach = min(first, last - NEWS)
        found = self._found(read, reach, last)
        ready, waiting = _ready(read, found, first, last, self.known)
        heard: dict[tuple[str, ...], date] = {}
        for name in self.known:
            if place := _place(read, name):
                heard[place[1]] = max(heard.get(place[1], place[0]), place[0])
        silent: dict[tuple[str, ...], date] = {}
        for file in ready:
            place = _place(read, file.name)
            if place and file.name not in self.known and place[0] >= first:
                stopped = heard.get(place[1], reach)
                if stopped < reach - timedelta(days=1):
                    silent[place[1]] = stopped
        if silent:
            earlier, _ = _ready(read, self._found(read, min(silent.values()), reach), date.max, reach, self.known)
            names = {file.name for file in ready}
            for file in earlier:
                place = _place(read, file.name)
                if place and place[1] in silent and place[0] >= silent[place[1]] and file.name not in names:
                    ready.append(file)
        names = {file.name for file in ready} | set(waiting)
        older, not_ready = self._again(read, first)
        ready += [file for file in older if file.name not in names]
        waiting += [name for name in not_ready if name not in names]
        return sorted(ready, key=lambda file: (file.day or date.min, file.name)), waiting

    def _again(self, read: FilesRead, before: date) -> tuple[list[Listed], list[str]]:
        """The files of `again` of the days before, ready and waiting."""
        places = {name: place[0] for name in self.again if (place := _place(read, name)) and place[0] < before}
        days = sorted(set(places.values()))
        if not days:
            return [], []
        spans = [(day, day) for day in days] if len(days) <= MOST_DAYS_LISTED_SINGLY else [(days[0], days[-1])]
        found: dict[str, Item] = {}
        for start, end in spans:
            found |= self._found(read, start, end)
        ready, waiting = _ready(read, found, date.min, days[-1], {})
        return [file for file in ready if file.name in places], [name for name in waiting if name in places]

    def _found(self, read: FilesRead, first: date, last: date) -> dict[str, Item]:
        """Everything that is there under names of these days, by its path."""
        found: dict[str, Item] = {}
        url = self.source.connection.url
        folder = _folder(url)
        if folder is not None and not folder.is_dir():
            raise SourceError("the folder is not there.")
        credentials = self.source.connection.credentials
        access: dict[str, Any] = {"credentials": credentials} if credentials else {}
        for pattern in _globs(read.path, first, last):
            pattern += "*" if read.manifest else ""
            if folder is not None:
                found |= _in_folder(folder, pattern)
                continue
            resource = filesystem(bucket_url=url, file_glob=pattern, files_per_page=1_000, **access)
            # A folder that is not there lists no files, like one that is empty: tell them apart.
            store = fsspec_from_resource(resource)
            if not store.exists(store._strip_protocol(url)):
                raise SourceError("the folder is not there.")
            for item in resource:
                name = item["relative_path"]
                found[name] = Item(name, item.get("size_in_bytes", 0), True, item.read_bytes)
        return found

    def _file(self, entity: Entity, read: FilesRead, listed: Listed) -> Iterator[Page]:
        name = listed.name
        known = self.known.get(name)
        zone = ZoneInfo(self.source.time_zone)
        version_at = datetime.combine(listed.day or date.min, time.max, zone if listed.day else UTC).astimezone(UTC)
        delivered = DeliveredFile(name, hashlib.sha256(b"").hexdigest(), 0, delivery=known.deliveries if known else 0)
        expected: tuple[int, str] | None = None
        content = b""
        try:
            content = _content(listed.item)
            delivered = replace(delivered, sha256=hashlib.sha256(content).hexdigest())
            if known and known.sha256 == delivered.sha256:
                yield Page(_no_rows(entity), name, version_at, replace(delivered, seen_before=True, delivery=0))
                return
            if known and self.contents.get(known.sha256) == name:
                del self.contents[known.sha256]  # that content stands under this name no more
            if listed.day is None:
                raise UnreadableError("no_such_day")
            if listed.manifest is not None:
                expected = _manifest(listed.manifest)
                if expected[1] != delivered.sha256:
                    raise UnreadableError("checksum_differs")
            parsed = read_content(content, read)
            if expected is not None and expected[0] != parsed.rows.num_rows + len(parsed.bad):
                raise UnreadableError("row_count_differs")
        except UnreadableError as error:
            lines = expected[0] if expected else max(content.count(b"\n") - 1, 1)
            yield _isolated(entity, name, replace(delivered, rows=lines), error)
            return
        # Corrections come in the order of their delivery, but before what is of a later day.
        version_at += timedelta(microseconds=delivered.delivery)
        rows, header = _as_declared(parsed, entity, name)
        if missing := [column for column in _needed(entity) if column in header.absent]:
            lines = expected[0] if expected else max(rows.num_rows + len(parsed.bad), 1)
            unkeyed = UnreadableError("key_column_missing", _other_delimiter(parsed, missing))
            # What came may be no header but a first row. When it is one, say what it lacks, and nothing of what it has.
            lacks = Header(header.absent) if len(header.absent) < len(entity.columns) else Header()
            yield replace(_isolated(entity, name, replace(delivered, rows=lines), unkeyed), header=lacks)
            return
        isolated = [Isolated(f"{name} row {n}", "wrong_number_of_columns", 1) for n in parsed.bad[:NUMBERED_LINES]]
        if more := len(parsed.bad) - len(isolated):
            isolated.append(Isolated(name, "wrong_number_of_columns", more))
        delivered = replace(delivered, rows=rows.num_rows + len(parsed.bad))
        if "_line" in entity.key and delivered.rows and self.contents.setdefault(delivered.sha256, name) != name:
            repeats = self.contents[delivered.sha256]
            yield Page(_no_rows(entity), name, version_at, replace(delivered, repeats=repeats))
            return
        for start in range(0, max(rows.num_rows, 1), ROWS_A_PAGE):
            first = start == 0
            yield Page(
                rows.slice(start, ROWS_A_PAGE),
                name,
                version_at,
                delivered,
                isolated if first else [],
                header,
                is_first=first,
            )


def _ready(
    read: FilesRead, found: dict[str, Item], first: date, last: date, known: dict[str, KnownFile]
) -> tuple[list[Listed], list[str]]:
    """Of what was found the files to be read, oldest first, and those that are not ready.

    Files of the days from `first` to `last`, and of earlier ones those whose names are not known.
    """
    ready: list[Listed] = []
    waiting: list[str] = []
    shape = read.parts
    for name, item in found.items():
        file = name.removesuffix(read.manifest) if read.manifest and name.endswith(read.manifest) else name
        match = shape.fullmatch(file)
        if match is None or not DAY.fullmatch(match["date"]):
            continue
        try:
            day = date.fromisoformat(match["date"])
        except ValueError:
            day = None
        if day and (day > last or (day < first and file in known)):
            continue
        if file != name:
            waiting += [file] if file not in found else []
        elif read.manifest and name + read.manifest not in found:
            waiting.append(name)
        else:
            ready.append(Listed(day, item, found[name + read.manifest] if read.manifest else None))
    return sorted(ready, key=lambda file: (file.day or date.min, file.name)), sorted(waiting)


def _place(read: FilesRead, name: str) -> tuple[date, tuple[str, ...]] | None:
    """The day of a file, and the other parts of its path; None of a name of another shape."""
    match = read.parts.fullmatch(name)
    if match is None:
        return None
    try:
        day = date.fromisoformat(match["date"])
    except ValueError:
        return None
    return day, tuple(text for part, text in sorted(match.groupdict().items()) if part != "date")


def _globs(path: str, first: date, last: date) -> list[str]:
    """The patterns to list: one for each day of a short window, one for everything otherwise.

    Days that the calendar does not have are looked for at the end of each month.
    """
    pattern = re.sub(r"\{(?!date\})\w+\}", "*", path)
    if (last - first).days >= MOST_DAYS_LISTED_SINGLY + 1:
        return [pattern.replace("{date}", "*")]
    days: list[str] = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        days.append(day.isoformat())
        if day.day == calendar.monthrange(day.year, day.month)[1]:
            days += [f"{day:%Y-%m}-{beyond}" for beyond in range(day.day + 1, 32)]
    return [pattern.replace("{date}", day) for day in days]


def _folder(url: str) -> Path | None:
    """The folder on this machine that the address means; None when it is elsewhere."""
    parts = urlsplit(url)
    if parts.scheme not in ("", "file"):
        return None
    return Path(unquote(parts.path) if parts.scheme else url)


def _in_folder(folder: Path, pattern: str) -> dict[str, Item]:
    """What is in the folder under the pattern; a link that leads out of the folder is no file."""
    root = folder.resolve()
    found = {}
    for path in folder.glob(pattern):
        name = path.relative_to(folder).as_posix()
        is_file = path.is_file() and (not path.is_symlink() or path.resolve().is_relative_to(root))
        found[name] = Item(name, path.stat().st_size if is_file else 0, is_file, path.read_bytes)
    return found


def _content(item: Item) -> bytes:
    """The bytes of the file. Raises UnreadableError when just this one cannot be had."""
    if not item.is_file:
        raise UnreadableError("not_a_file")
    if item.size > LARGEST:
        raise UnreadableError("file_too_large")
    try:
        return bytes(item.read())
    except (FileNotFoundError, PermissionError, IsADirectoryError):
        raise UnreadableError("cannot_be_opened") from None


def _manifest(item: Item) -> tuple[int, str]:
    """Row count and SHA-256 as the manifest gives them. Raises UnreadableError when it cannot be read."""
    try:
        manifest = json.loads(_content(item))
        rows = int(manifest["rows"])
        if not 0 <= rows < 1 << 40:
            raise ValueError("no count")
        return rows, str(manifest["sha256"]).lower()
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError, UnreadableError):
        raise UnreadableError("manifest_unreadable") from None


def _isolated(entity: Entity, name: str, file: DeliveredFile, error: UnreadableError) -> Page:
    """A page that isolates its whole file."""
    file = replace(file, isolated_because=error.reason, detail=error.detail)
    return Page(_no_rows(entity), name, None, file, [Isolated(name, error.reason, file.rows)])


def _no_rows(entity: Entity) -> pa.Table:
    return pa.table({name: pa.array([], pa.string()) for name in (*entity.columns, "_extra", "_file", "_line")})


def _needed(entity: Entity) -> list[str]:
    """The columns without which no row of a file can be told from another or dated."""
    return [name for name in [*entity.key, *filter(None, [entity.cursor])] if not name.startswith("_")]


def _other_delimiter(parsed: Parsed, missing: list[str]) -> str | None:
    """What to say when the header is one column that holds the missing names."""
    header = parsed.rows.schema.names
    if len(header) != 1 or not all(name in header[0] for name in missing):
        return None
    found = max(",;\t|", key=header[0].count)
    return f"looks as if delimited by {found!r}" if found in header[0] else None


def _as_declared(parsed: Parsed, entity: Entity, name: str) -> tuple[pa.Table, Header]:
    """The declared columns, `_extra` with the others as JSON, the file's name and the row's number in it.

    A name in other case or with blanks around it means the declared column, when that is not there itself.
    """
    rows = parsed.rows
    count = rows.num_rows
    given = {column: column for column in rows.schema.names}
    came_as: list[tuple[str, str]] = []
    spelled = {_spelling(column): column for column in entity.columns if column not in given}
    for column in rows.schema.names:
        declared = spelled.get(_spelling(column)) if column not in entity.columns else None
        if declared and declared not in given:
            came_as.append((declared, column))
            given[declared] = given.pop(column)
    nothing = pa.nulls(count, pa.string())
    columns = {column: rows.column(given[column]) if column in given else nothing for column in entity.columns}
    others = [column for column in given if column not in entity.columns]
    columns["_extra"] = as_json(rows.select(others)) if others else nothing
    columns["_file"] = pa.array([name], pa.string()).take(pa.array([0] * count, pa.int32()))
    columns["_line"] = parsed.numbers.cast(pa.string())
    absent = frozenset(column for column in entity.columns if column not in given)
    return pa.table(columns), Header(absent, frozenset(others), tuple(came_as), tuple(rows.schema.names))


def _spelling(name: str) -> str:
    return re.sub(r"[\s\u200b\ufeff]+", "", name).casefold()
