"""Landing: the rows of one read, its watermark and its batch row come into the warehouse together, or not at all.

`raw` keeps every distinct version of a row and never the same one twice:

- an entity with a cursor: a version is new when no row of the table has its key, its cursor and its content;
- an entity without one: a version is new when it differs from the latest that was known.

A row that is gone from the source is one more version, marked `_deleted`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from customer_warehouse.database import Connection, copy_arrow, quoted, scalar, statement
from customer_warehouse.extract.declaration import FILE_COLUMNS, Entity, Source, raw_table
from customer_warehouse.extract.notes import Notes
from customer_warehouse.extract.readers import Isolated, Page, SourceError, Window
from customer_warehouse.night import Night

STAGE = "landing_stage"
STAGE_ROWS = 50_000


@dataclass
class Counts:
    """What became of the rows of one read: read = landed + duplicate + isolated."""

    read: int = 0
    landed: int = 0
    duplicate: int = 0
    isolated: int = 0
    deleted: int = 0
    files: int = 0
    bad_files: list[str] = field(default_factory=list)
    newest_day: date | None = None
    """The latest business day that a file was delivered for."""


@dataclass
class _Waiting:
    """Rows of several pages that wait to be copied together."""

    tables: list[pa.Table] = field(default_factory=list)
    rows: int = 0

    def add(self, table: pa.Table) -> None:
        self.tables.append(table)
        self.rows += table.num_rows

    def taken(self) -> list[pa.Table]:
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
        self.columns = [*self.entity.columns, *(FILE_COLUMNS if source.kind == "files" else ())]
        self.notes = Notes(source.source, name, night, batch_id)
        self._by_line = "_line" in self.entity.key
        """Rows are known by their place in a file: a file of a new name can only hold new rows."""
        self._replaced: dict[str, datetime] = {}
        self._duck = duckdb.connect(":memory:", config={"threads": 2})

    def land(self, pages: Iterable[Page], window: Window, keys: Iterator[pa.Table] | None) -> Counts:
        """Land `pages`; `keys` are the keys the source still has, for sources whose deleted rows just vanish.

        Raises SourceError when the reader does, or when more keys vanished than the declaration allows.
        """
        self._create_tables()
        known = self.notes.delivered_before(self.connection) if self._by_line else set()
        waiting = _Waiting()
        new = _Waiting()
        for page in pages:
            self._note(page)
            queue = waiting
            if self._by_line and page.file:
                if page.file.name in known:
                    self._replaced[page.file.name] = page.version_at or self.night.as_of
                else:
                    queue = new
            if page.rows.num_rows:
                queue.add(self._dated(page))
            if queue.rows >= STAGE_ROWS:
                self._copy(queue.taken(), new=queue is new)
        self._copy(waiting.taken(), new=False)
        self._copy(new.taken(), new=True)
        self._move()
        self._delete_lines_of_replaced_files()
        if self.entity.full_read and self.entity.deletes and self.entity.deletes.vanished:
            self._delete_vanished(f"select _key from {STAGE}")
        elif keys is not None:
            self._delete_missing(keys)
        self.notes.write(self.connection, first_load=window.start is None)
        return self.counts

    def _create_tables(self) -> None:
        """The raw table, with a column for every declared one, and the empty stage."""
        columns = ", ".join(f"{quoted(name)} text" for name in [*self.columns, "_extra"])
        self.connection.execute(
            statement(
                f"""
                create table if not exists {self.table} (
                    {columns},
                    _key text not null, _row_hash uuid not null, _version_at timestamptz not null,
                    _as_of timestamptz not null, _batch_id bigint not null, _deleted boolean not null default false,
                    _seq bigint generated always as identity,
                    primary key (_key, _version_at, _row_hash)
                );
                create index if not exists {quoted(raw_table(self.source.source, self.name)[1] + "_seq")}
                    on {self.table} using brin (_seq);
                """
            )
        )
        for name in self.columns:
            self.connection.execute(statement(f"alter table {self.table} add column if not exists {quoted(name)} text"))
        self.connection.execute(
            statement(
                f"create temporary table {STAGE} ({columns}, _key text, _row_hash uuid, _version_at timestamptz,"
                " _deleted boolean) on commit drop"
            )
        )

    def _note(self, page: Page) -> None:
        """Count what came and what did not; remember files and isolated rows for the ledger."""
        lost = sum(item.rows for item in page.isolated)
        self.counts.read += page.rows.num_rows + lost
        self.counts.isolated += lost
        self.notes.isolated += page.isolated
        if page.file is None:
            return
        self.counts.files += 1
        file = page.file
        if page.day and not file.isolated_because:
            self.counts.newest_day = max(self.counts.newest_day or page.day, page.day)
        if file.isolated_because:
            self.counts.bad_files.append(f"{file.name}: {file.isolated_because}")
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

    def _copy(self, waiting: list[pa.Table], *, new: bool) -> None:
        """Copy rows with technical columns to the stage or, when they can only be `new`, to the raw table.

        Those without a key or a readable cursor are isolated.
        """
        if not waiting:
            return
        rows = pa.concat_tables(waiting)
        added = self.notes.note_drift(rows, self.entity.columns)
        if added and self.entity.on_unknown_column == "stop":
            raise SourceError(f"{self.name}: the columns {', '.join(added)} are not declared.")
        entity = self.entity
        key = " || '|' || ".join(quoted(name) for name in entity.key)
        content = ", ".join(f"coalesce({quoted(name)}, chr(1))" for name in [*entity.columns, "_extra"])
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
            f"select {names}, _place, {key} as _key, cast(cast(md5(concat_ws(chr(31), {content})) as uuid) as text)"
            f" as _row_hash, {version} as _version_at, {deleted} as _deleted from rows"
        )
        parameters = {"zone": self.source.time_zone, "equals": entity.deletes.equals if entity.deletes else None}
        used = {name: value for name, value in parameters.items() if f"${name}" in text}
        self._duck.execute(f"set timezone = '{self.source.time_zone}'")
        self._duck.register("rows", rows)
        prepared = self._duck.sql(text, params=used).to_arrow_table()
        for column, reason in (("_key", "key_missing"), ("_version_at", "cursor_unreadable")):
            if prepared.column(column).null_count:
                prepared = self._without_null(prepared, column, reason)
        prepared = prepared.drop_columns(["_place"])
        if not new:
            copy_arrow(self.connection, STAGE, prepared)
            return
        for name, value in (("_as_of", self.night.as_of.isoformat()), ("_batch_id", self.batch_id)):
            prepared = prepared.append_column(name, pa.repeat(value, prepared.num_rows))
        self.counts.landed += copy_arrow(self.connection, self.table, prepared)

    def _without_null(self, rows: pa.Table, column: str, reason: str) -> pa.Table:
        """Isolate the rows that cannot be identified or dated, counted by the place they came from."""
        good = rows.column(column).is_valid()
        bad = rows.filter(pc.invert(good)).column("_place").value_counts()
        for entry in bad.to_pylist():
            self.counts.isolated += entry["counts"]
            self.notes.isolated.append(Isolated(entry["values"], reason, entry["counts"]))
        return rows.filter(good)

    def _move(self) -> None:
        """Move the stage's new versions into the raw table; the rest are duplicates."""
        staged = scalar(self.connection, f"select count(*) from {STAGE}")
        names = ", ".join(quoted(name) for name in [*self.columns, "_extra"])
        if self.entity.cursor is None and not self._by_line:
            self.connection.execute(statement(f"analyze {STAGE}"))
            self.connection.execute(
                statement(
                    f"""
                    delete from {STAGE} as s using (
                        select ctid, _row_hash = lag(_row_hash) over (partition by _key order by _version_at, ctid)
                            as unchanged
                        from {STAGE}
                    ) as repeated
                    where repeated.unchanged and repeated.ctid = s.ctid
                    """
                )
            )
            self.connection.execute(
                statement(
                    f"""
                    delete from {STAGE} as s using (
                        select _key, _row_hash, _deleted,
                            row_number() over (partition by _key order by _version_at desc, _seq desc) as n
                        from {self.table}
                        where _as_of <= %(as_of)s and _key in (select _key from {STAGE})
                    ) as known
                    where known.n = 1 and known._key = s._key and known._row_hash = s._row_hash
                        and known._deleted = s._deleted
                    """
                ),
                {"as_of": self.night.as_of},
            )
        inserted = self.connection.execute(
            statement(
                f"""
                insert into {self.table} ({names}, _key, _row_hash, _version_at, _deleted, _as_of, _batch_id)
                select {names}, _key, _row_hash, _version_at, _deleted, %s, %s from {STAGE}
                on conflict do nothing
                """
            ),
            (self.night.as_of, self.batch_id),
        ).rowcount
        if inserted >= STAGE_ROWS:
            self.connection.execute(statement(f"analyze {self.table}"))
        self.counts.landed += inserted
        self.counts.duplicate += staged - inserted
        if inserted < staged:
            self._know_earlier()

    def _know_earlier(self) -> None:
        """A version first landed by a later night is known to this one too, when this night has now read it."""
        self.connection.execute(
            statement(
                f"""
                update {self.table} as r set _as_of = %(as_of)s
                from {STAGE} as s
                where r._key = s._key and r._version_at = s._version_at and r._row_hash = s._row_hash
                    and r._as_of > %(as_of)s
                """
            ),
            {"as_of": self.night.as_of},
        )

    def _delete_missing(self, keys: Iterator[pa.Table]) -> None:
        """Compare with a full read of the source's keys."""
        self.connection.execute("create temporary table landing_keys (_key text) on commit drop")
        joined = " || '|' || ".join(quoted(name) for name in self.entity.key)
        for page in keys:
            self._duck.register("page", page)
            prepared = self._duck.sql(f"select {joined} as _key from page").to_arrow_table()
            copy_arrow(self.connection, "landing_keys", prepared)
        self.connection.execute("analyze landing_keys")
        self._delete_vanished("select _key from landing_keys")

    def _delete_vanished(self, present: str) -> None:
        """Write a deleted version for every known row whose key is not in `present` any more."""
        known = f"""
            select * from (
                select _key, _deleted, row_number() over (partition by _key order by _version_at desc, _seq desc) as n
                from {self.table} where _as_of <= %(as_of)s
            ) as latest where n = 1 and not _deleted
        """
        parameters = {"as_of": self.night.as_of, "batch_id": self.batch_id}
        total = scalar(self.connection, f"select count(*) from ({known}) as k", parameters)
        missing = f"from ({known}) as k where not exists (select from ({present}) as p where p._key = k._key)"
        gone = scalar(self.connection, f"select count(*) {missing}", parameters)
        allowed = self.entity.deletes.at_most if self.entity.deletes else 0
        if gone > max(allowed * total, 1):
            raise SourceError(
                f"{self.name}: {gone} of {total} known keys vanished, more than the {allowed:.0%} that is allowed"
            )
        if gone:
            self.connection.execute(
                statement(
                    f"""
                    insert into {self.table} (_key, _row_hash, _version_at, _deleted, _as_of, _batch_id)
                    select _key, md5('deleted')::uuid, %(as_of)s, true, %(as_of)s, %(batch_id)s {missing}
                    on conflict do nothing
                    """
                ),
                parameters,
            )
        self.counts.deleted += gone
        self._revive(present)

    def _revive(self, present: str) -> None:
        """A key that had vanished and is there again, unchanged: its last version stands once more."""
        names = ", ".join(quoted(name) for name in [*self.columns, "_extra"])
        self.counts.landed += self.connection.execute(
            statement(
                f"""
                insert into {self.table} ({names}, _key, _row_hash, _version_at, _as_of, _batch_id)
                select {names}, _key, _row_hash, %(as_of)s, %(as_of)s, %(batch_id)s
                from (
                    select v.*, row_number() over (partition by v._key order by v._version_at desc, v._seq desc) as n
                    from {self.table} as v
                    join (
                        select _key, _deleted, _row_hash,
                            row_number() over (partition by _key order by _version_at desc, _seq desc) as n
                        from {self.table} where _as_of <= %(as_of)s
                    ) as latest on latest._key = v._key and latest.n = 1
                    where v._as_of <= %(as_of)s and not v._deleted
                        and latest._deleted and latest._row_hash = md5('deleted')::uuid
                        and exists (select from ({present}) as p where p._key = v._key)
                ) as versions
                where n = 1
                on conflict do nothing
                """
            ),
            {"as_of": self.night.as_of, "batch_id": self.batch_id},
        ).rowcount

    def _delete_lines_of_replaced_files(self) -> None:
        """A file delivered anew with fewer lines takes the others back."""
        for file, version_at in self._replaced.items():
            self.counts.deleted += self.connection.execute(
                statement(
                    f"""
                    insert into {self.table} (_key, _row_hash, _version_at, _deleted, _as_of, _batch_id)
                    select distinct _key, md5('deleted')::uuid, %(version_at)s, true, %(as_of)s, %(batch_id)s
                    from {self.table} as r
                    where _file = %(file)s and _as_of <= %(as_of)s
                        and exists (select from {STAGE} where _file = %(file)s)
                        and not exists (select from {STAGE} as s where s._key = r._key)
                    on conflict do nothing
                    """
                ),
                {"version_at": version_at, "as_of": self.night.as_of, "batch_id": self.batch_id, "file": file},
            ).rowcount
