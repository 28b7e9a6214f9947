"""What a read leaves in the ledger beside its counts: delivered files, isolated rows, columns that drifted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from customer_warehouse.database import Connection
from customer_warehouse.extract.readers import DeliveredFile, Isolated
from customer_warehouse.night import Night


@dataclass
class Notes:
    """The notes of one read of one entity, written in the transaction that lands its rows."""

    source: str
    entity: str
    night: Night
    batch_id: int
    isolated: list[Isolated] = field(default_factory=list)
    files: list[DeliveredFile] = field(default_factory=list)
    drift: dict[str, str] = field(default_factory=dict)
    """Column to `added`, `missing` (no row has a value) or `present`."""

    def note_drift(self, rows: pa.Table, declared: list[str]) -> list[str]:
        """Remember which columns are new or empty; returns the names of the new ones so far, sorted."""
        extra = rows.column("_extra")
        if extra.null_count < rows.num_rows:
            for text in extra.unique().drop_null().to_pylist():
                for name in json.loads(text):
                    self.drift[name] = "added"
        for name in declared:
            if rows.column(name).null_count == rows.num_rows:
                self.drift.setdefault(name, "missing")
            else:
                self.drift[name] = "present"
        return sorted(name for name, kind in self.drift.items() if kind == "added")

    def delivered_before(self, connection: Connection) -> set[str]:
        """The names of the files that any night has dealt with."""
        rows = connection.execute(
            "select distinct file from ops.files where source = %s and entity = %s", (self.source, self.entity)
        )
        return {file for (file,) in rows}

    def write(self, connection: Connection, *, first_load: bool) -> None:
        """Write all of it. That a column is empty says something only of a first load."""
        self._write_files(connection)
        self._write_isolated_and_drift(connection, first_load)

    def _write_files(self, connection: Connection) -> None:
        """Every delivered file goes to the ledger, by content."""
        with connection.cursor() as cursor:
            cursor.executemany(
                """
                insert into ops.files (source, entity, file, sha256, status, rows_read, reason, as_of, batch_id)
                values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
                on conflict (source, entity, file, sha256) do update set
                    as_of = least(files.as_of, excluded.as_of), status = excluded.status, reason = excluded.reason,
                    rows_read = greatest(files.rows_read, excluded.rows_read)
                """,
                [
                    (
                        self.source,
                        self.entity,
                        file.name,
                        file.sha256,
                        "isolated" if file.isolated_because else "duplicate" if file.repeats else "landed",
                        file.rows,
                        file.isolated_because or (f"same content as {file.repeats}" if file.repeats else None),
                        self.night.as_of,
                        self.batch_id,
                    )
                    for file in self.files
                ],
            )

    def _write_isolated_and_drift(self, connection: Connection, first_load: bool) -> None:
        """Isolated rows and drifted columns go to the ledger."""
        for item in self.isolated:
            connection.execute(
                """
                insert into ops.isolated (source, entity, place, reason, rows, as_of, batch_id)
                values (%s, %s, %s, %s, %s, %s, %s)
                on conflict (source, entity, place, reason, as_of)
                do update set rows = excluded.rows, batch_id = excluded.batch_id
                """,
                (
                    self.source,
                    self.entity,
                    item.place,
                    item.reason,
                    item.rows,
                    self.night.as_of,
                    self.batch_id,
                ),
            )
        for name, kind in self.drift.items():
            if kind == "added" or (kind == "missing" and first_load):
                connection.execute(
                    """
                    insert into ops.drift values (%s, %s, %s, %s, %s, %s)
                    on conflict (source, entity, column_name, kind) do update set
                        first_seen_as_of = least(drift.first_seen_as_of, excluded.first_seen_as_of),
                        last_seen_as_of = greatest(drift.last_seen_as_of, excluded.last_seen_as_of)
                    """,
                    (self.source, self.entity, name, kind, self.night.as_of, self.night.as_of),
                )


def known_files(connection: Connection, source: str, entity: str, as_of: datetime) -> dict[str, set[str]]:
    """Per file name the contents this warehouse has dealt with by the night of `as_of`."""
    rows = connection.execute(
        "select file, sha256 from ops.files where source = %s and entity = %s and as_of <= %s and status <> 'isolated'",
        (source, entity, as_of),
    )
    known: dict[str, set[str]] = {}
    for file, sha256 in rows:
        known.setdefault(file, set()).add(sha256)
    return known
