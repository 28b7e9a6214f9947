"""Landing: the rows of one read, its watermark and its batch row come into the warehouse together, or not at all.

`raw` keeps every distinct version of a row and never the same one twice:

- an entity with a cursor: a version is new when no row of the table has its key, its cursor and its content;
- an entity without one: a version is new when it differs from the one before it. What counts is when it was true (the
  day of its file, else the night), not when it came; so late deliveries give what timely ones would have given.

A row that is gone from the source is one more version, marked `_deleted`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from customer_warehouse.database import Connection, copy_arrow, quoted, statement
from customer_warehouse.extract.contract import Contract
from customer_warehouse.extract.declaration import Entity, Source, raw_table
from customer_warehouse.extract.deletions import Deletions
from customer_warehouse.extract.notes import Notes, seen_before
from customer_warehouse.extract.raw_table import content, create, newest_first, raw_columns
from customer_warehouse.extract.readers import Isolated, Page
from customer_warehouse.extract.versions import STAGE, STAGE_ROWS, Versions
from customer_warehouse.night import Night

REFUSED = "landing_refused"
PRESENT = f"select _key from {STAGE} union all select _key from {REFUSED}"
"""The keys that came, also those of rows that are not landed."""
LONGEST_KEY = 2_000
"""Bytes; an index entry of PostgreSQL holds at most 2,704."""
LONGEST_VALUE = 4 << 20
"""Bytes of one value; what is longer is no value but a file within a file."""


@dataclass
class Counts:
    """What became of the rows of one read: read = landed + duplicate + isolated."""

    read: int = 0
    landed: int = 0
    duplicate: int = 0
    isolated: int = 0
    deleted: int = 0
    restored: int = 0
    """Versions of before that stand once more, though the read did not bring them."""
    files: int = 0
    bad_files: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    """Files without their manifest, or manifests without their file."""
    newest_day: date | None = None
    """The latest business day that a file was delivered for."""


@dataclass
class _Waiting:
    """Rows of several pages that wait to be copied together, each with the columns that did not come."""

    tables: list[tuple[pa.Table, frozenset[str]]] = field(default_factory=list)
    rows: int = 0

    def add(self, table: pa.Table, absent: frozenset[str]) -> None:
        self.tables.append((table, absent))
        self.rows += table.num_rows

    def taken(self) -> list[tuple[pa.Table, frozenset[str]]]:
        """What waits; nothing waits afterwards."""
        tables, self.tables, self.rows = self.tables, [], 0
        return tables


class Landing:
    """Lands one read of one entity. The caller owns the transaction."""

    def __init__(self, connection: Connection, source: Source, name: str, night: Night, batch_id: int) -> None:
        self.connection = connection
        self.source = source
        self.name = name
        self.entity: Entity = source.entities[name]
        self.night = night
        self.batch_id = batch_id
        self.table = quoted(*raw_table(source.source, name))
        self.counts = Counts()
        self.columns = raw_columns(source, name)
        self.notes = Notes(source.source, name, night, batch_id)
        self.contract = Contract(source, name, seen_before(connection, source.source, name, night.as_of))
        order = newest_first(source)
        self._versions = Versions(connection, source, name, night, batch_id)
        self._deletions = Deletions(connection, source, name, night, batch_id, order)
        self._by_line = "_line" in self.entity.key
        """Rows are known by their place in a file: a file of a new name can only hold new rows."""
        self._replaced: dict[str, datetime] = {}

    @cached_property
    def _duck(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(":memory:", config={"threads": 2})
        connection.execute(f"set timezone = '{self.source.time_zone}'")
        return connection

    def land(self, pages: Iterable[Page], keys: Iterator[pa.Table] | None) -> Counts:
        """Land `pages`; `keys` are the keys the source still has, for sources whose deleted rows just vanish.

        Raises SourceError when the reader does, when more keys vanished than the declaration allows, and, as
        ContractError, when the contract says to stop.
        """
        self._create_tables()
        known = self.notes.delivered_before(self.connection) if self._by_line else set()
        waiting = _Waiting()
        new = _Waiting()
        for read in pages:
            page = self._judged(read)
            self._note(page)
            queue = waiting
            if page.file:
                if page.file.delivery and not page.file.isolated_because:
                    self._replaced[page.file.name] = page.version_at or self.night.as_of
                elif self._by_line and page.file.name not in known:
                    queue = new
            if page.rows.num_rows:
                queue.add(self._dated(page), page.header.absent)
            if queue.rows >= STAGE_ROWS:
                self._copy(queue.taken(), new=queue is new)
        self._copy(waiting.taken(), new=False)
        self._copy(new.taken(), new=True)
        if self._by_line:
            for file, version_at in self._replaced.items():
                self.counts.deleted += self._deletions.lines_of(file, version_at, PRESENT)
        landed, repeated, restored = self._versions.move()
        self.counts.landed += landed
        self.counts.restored += restored
        self.counts.duplicate += repeated
        if self.entity.full_read and self.entity.deletes and self.entity.deletes.vanished:
            self._sweep(PRESENT)
        elif keys is not None:
            self._delete_missing(keys)
        self.notes.drift = self.contract.drift
        self.notes.seen = self.contract.seen
        self.notes.write(self.connection)
        return self.counts

    def _create_tables(self) -> None:
        """The raw table, with a column for every declared one, and the empty stage."""
        create(self.connection, self.source, self.name)
        columns = ", ".join(f"{quoted(name)} text" for name in [*self.columns, "_extra"])
        self.connection.execute(
            statement(
                f"""
                create temporary table {STAGE} (
                    {columns}, _key text, _row_hash uuid, _version_at timestamptz, _deleted boolean,
                    _repeated boolean not null default false
                ) on commit drop;
                create temporary table {REFUSED} (_key text) on commit drop;
                """
            )
        )

    def _judged(self, page: Page) -> Page:
        """The page, or the same with all its rows isolated when they came without columns they must have."""
        reason = self.contract.judge_header(page.header, page.rows)
        if reason is None or (page.file and page.file.isolated_because):
            return page
        self._refuse(page.rows)
        lost = [Isolated(page.place, reason, page.rows.num_rows)] if page.rows.num_rows else []
        file = replace(page.file, isolated_because=reason) if page.file else None
        return replace(page, rows=page.rows.slice(0, 0), isolated=[*page.isolated, *lost], file=file)

    def _note(self, page: Page) -> None:
        """Count what came and what did not; remember files and isolated rows for the ledger."""
        lost = sum(item.rows for item in page.isolated)
        self.counts.read += page.rows.num_rows + lost
        self.counts.isolated += lost
        self.notes.isolated += page.isolated
        if page.is_waiting:
            self.counts.waiting.append(page.place)
        if page.file is None or not page.is_first:
            return
        self.counts.files += 1
        file = page.file
        if page.day and not file.isolated_because:
            self.counts.newest_day = max(self.counts.newest_day or page.day, page.day)
        if file.isolated_because:
            hint = f" ({file.detail})" if file.detail else ""
            self.counts.bad_files.append(f"{file.name}: {file.isolated_because}{hint}")
        if file.repeats:
            self.counts.read += file.rows
            self.counts.duplicate += file.rows
        self.notes.files.append(file)

    def _dated(self, page: Page) -> pa.Table:
        """The page's rows with its place and the time they were true at."""
        count = page.rows.num_rows
        version_at = pa.scalar(page.version_at or self.night.as_of, pa.timestamp("us", tz="UTC"))
        rows = page.rows.append_column("_place", pa.repeat(page.place, count))
        return rows.append_column("_true_at", pa.repeat(version_at, count))

    def _copy(self, waiting: list[tuple[pa.Table, frozenset[str]]], *, new: bool) -> None:
        """Copy rows with technical columns to the stage or, when they can only be `new`, to the raw table.

        Those that break the contract, and those without a key or a readable cursor, are isolated.
        """
        if not waiting:
            return
        rows = self._without_broken(waiting)
        if not rows.num_rows:
            return
        entity = self.entity
        version = "_true_at"
        if entity.cursor:
            naive = f"strptime({quoted(entity.cursor)}, ['%Y-%m-%d %H:%M:%S', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%d'])"
            version = f"try(coalesce(try_cast({quoted(entity.cursor)} as timestamptz), timezone($zone, {naive})))"
        deleted = "false"
        if entity.deletes and entity.deletes.column:
            deleted = f"{quoted(entity.deletes.column)} is not null"
            if entity.deletes.equals is not None:
                deleted += f" and {quoted(entity.deletes.column)} = $equals"
        names = ", ".join(quoted(name) for name in [*self.columns, "_extra"])
        text = (
            f"select {names}, _place, {self._key()} as _key,"
            f" cast(cast(md5({content(entity.columns)}) as uuid) as text) as _row_hash,"
            f" {version} as _version_at, {deleted} as _deleted from rows"
        )
        parameters = {"zone": self.source.time_zone, "equals": entity.deletes.equals if entity.deletes else None}
        used = {name: value for name, value in parameters.items() if f"${name}" in text}
        self._duck.register("rows", rows)
        prepared = self._duck.sql(text, params=used).to_arrow_table()
        prepared = self._only(prepared, pc.is_valid(prepared.column("_key")), "key_missing")
        short = pc.less_equal(pc.binary_length(prepared.column("_key")), LONGEST_KEY)
        prepared = self._only(prepared, short, "key_too_long")
        prepared = self._only(prepared, pc.is_valid(prepared.column("_version_at")), "cursor_unreadable")
        prepared = prepared.drop_columns(["_place"])
        if not new:
            copy_arrow(self.connection, STAGE, prepared)
            return
        for name, value in (("_as_of", self.night.as_of.isoformat()), ("_batch_id", self.batch_id)):
            prepared = prepared.append_column(name, pa.repeat(value, prepared.num_rows))
        self.counts.landed += copy_arrow(self.connection, self.table, prepared)

    def _key(self) -> str:
        return " || '|' || ".join(quoted(name) for name in self.entity.key)

    def _without_broken(self, waiting: list[tuple[pa.Table, frozenset[str]]]) -> pa.Table:
        """All rows in their order, without those that break the contract."""
        tables = [table for table, _ in waiting]
        for absent in dict.fromkeys(absent for _, absent in waiting):
            places = [place for place, (_, missing) in enumerate(waiting) if missing == absent]
            rows = pa.concat_tables([tables[place] for place in places]).combine_chunks()
            broken = [*self._too_long(rows), *self.contract.judge_rows(rows, absent)]
            if not broken and len(places) == len(waiting):
                return rows
            good = pa.array([True] * rows.num_rows)
            for reason, mask in broken:
                mask = pc.and_(mask, good)
                good = pc.and_not(good, mask)
                self._isolate(rows.filter(mask), reason)
            start = 0
            for place in places:
                count = tables[place].num_rows
                tables[place] = tables[place].filter(good.slice(start, count))
                start += count
        return pa.concat_tables(tables).combine_chunks()

    def _too_long(self, rows: pa.Table) -> Iterator[tuple[str, pa.Array]]:
        """Rows with a value that is longer than any value is."""
        for name in [*self.columns, "_extra"]:
            column = rows.column(name)
            if column.nbytes > LONGEST_VALUE:
                long = pc.fill_null(pc.greater(pc.binary_length(column), LONGEST_VALUE), False).combine_chunks()
                if pc.any(long).as_py():
                    yield f"value_too_long: {name}", long

    def _only(self, rows: pa.Table, good: pa.ChunkedArray, reason: str) -> pa.Table:
        """The rows that are `good`; the others are isolated."""
        if pc.all(good).as_py() is not False:
            return rows
        bad = rows.filter(pc.invert(good))
        self._isolate(bad, reason)
        return rows.filter(good)

    def _isolate(self, rows: pa.Table, reason: str) -> None:
        """Isolate the rows, counted by the place they came from."""
        for entry in rows.column("_place").value_counts().to_pylist():
            self.counts.isolated += entry["counts"]
            self.notes.isolated.append(Isolated(entry["values"], reason, entry["counts"]))
        self._refuse(rows)

    def _refuse(self, rows: pa.Table) -> None:
        """Remember the keys of rows that are not landed: they are not gone from the source."""
        if rows.num_rows:
            self._duck.register("refused", rows)
            keys = self._duck.sql(f"select {self._key()} as _key from refused").to_arrow_table()
            copy_arrow(self.connection, REFUSED, keys)

    def _delete_missing(self, keys: Iterator[pa.Table]) -> None:
        """Compare with a full read of the source's keys."""
        self.connection.execute("create temporary table landing_keys (_key text) on commit drop")
        for page in keys:
            self._duck.register("page", page)
            prepared = self._duck.sql(f"select {self._key()} as _key from page").to_arrow_table()
            copy_arrow(self.connection, "landing_keys", prepared)
        self.connection.execute("analyze landing_keys")
        self._sweep("select _key from landing_keys")

    def _sweep(self, present: str) -> None:
        gone, back = self._deletions.vanished(present)
        self.counts.deleted += gone
        self.counts.restored += back
