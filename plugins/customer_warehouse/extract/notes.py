"""What a read leaves in the ledger beside its counts: delivered files, isolated rows, columns that drifted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from customer_warehouse.database import Connection, statement
from customer_warehouse.extract.contract import Drift, Seen
from customer_warehouse.extract.readers import DeliveredFile, Isolated, KnownFile
from customer_warehouse.extract.value_types import TYPES
from customer_warehouse.night import Night

REMEMBERED = timedelta(days=90)


@dataclass
class Notes:
    """The notes of one read of one entity, written in the transaction that lands its rows."""

    source: str
    entity: str
    night: Night
    batch_id: int
    isolated: list[Isolated] = field(default_factory=list)
    files: list[DeliveredFile] = field(default_factory=list)
    drift: list[Drift] = field(default_factory=list)
    seen: dict[str, Seen] = field(default_factory=dict)
    """What was delivered, by column."""

    def delivered_before(self, connection: Connection) -> set[str]:
        """The names of the files that any night has dealt with."""
        rows = connection.execute(
            "select distinct file from ops.files where source = %s and entity = %s", (self.source, self.entity)
        )
        return {file for (file,) in rows}

    def write(self, connection: Connection) -> None:
        """Write all of it."""
        self._write_files(connection)
        self._write_isolated(connection)
        self._write_seen(connection)
        write_drift(connection, self.source, self.entity, self.night, self.drift)

    def _write_files(self, connection: Connection) -> None:
        """Every delivered file goes to the ledger, by content."""
        with connection.cursor() as cursor:
            cursor.executemany(
                """
                insert into ops.files (source, entity, file, sha256, status, rows_read, reason, detail, as_of,
                    last_seen_as_of, deliveries, batch_id)
                values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
                on conflict (source, entity, file, sha256) do update set
                    as_of = least(files.as_of, excluded.as_of), reason = excluded.reason,
                    batch_id = case when files.status = excluded.status then files.batch_id else excluded.batch_id end,
                    status = excluded.status,
                    detail = excluded.detail, rows_read = greatest(files.rows_read, excluded.rows_read),
                    last_seen_as_of = greatest(files.last_seen_as_of, excluded.last_seen_as_of),
                    deliveries = files.deliveries + excluded.deliveries, seen_at = clock_timestamp()
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
                        file.detail,
                        self.night.as_of,
                        self.night.as_of,
                        0 if file.seen_before or file.isolated_because else 1,
                        self.batch_id,
                    )
                    for file in self.files
                    if not file.seen_before or file.isolated_because is None
                ],
            )

    def _write_isolated(self, connection: Connection) -> None:
        """Isolated rows go to the ledger, those of one place and reason together."""
        rows: Counter[tuple[str, str]] = Counter()
        for item in self.isolated:
            rows[item.place, item.reason] += item.rows
        with connection.cursor() as cursor:
            cursor.executemany(
                """
                insert into ops.isolated (source, entity, place, reason, rows, as_of, batch_id)
                values (%s, %s, %s, %s, %s, %s, %s)
                on conflict (source, entity, place, reason, as_of)
                do update set rows = excluded.rows, batch_id = excluded.batch_id
                """,
                [
                    (self.source, self.entity, place, reason, count, self.night.as_of, self.batch_id)
                    for (place, reason), count in rows.items()
                ],
            )

    def _write_seen(self, connection: Connection) -> None:
        """What came tonight, for the nights to come; the night run again counts once."""
        columns = [f"{kind}_values" for kind in TYPES]
        counts = ["rows", "nulls", *columns]
        larger = ", ".join(f"{name} = greatest(profiles.{name}, excluded.{name})" for name in counts)
        with connection.cursor() as cursor:
            cursor.executemany(
                statement(
                    f"""
                    insert into ops.profiles (source, entity, column_name, as_of, rows, nulls, {", ".join(columns)})
                    values ({", ".join(["%s"] * (6 + len(columns)))})
                    on conflict (source, entity, column_name, as_of) do update set {larger}
                    """
                ),
                [
                    (
                        *(self.source, self.entity, name, self.night.as_of, seen.rows, seen.nulls),
                        *(seen.types[kind] for kind in TYPES),
                    )
                    for name, seen in self.seen.items()
                    if seen.rows
                ],
            )


def write_drift(connection: Connection, source: str, entity: str, night: Night, drift: list[Drift]) -> None:
    """Report drift in the ledger; the caller commits."""
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into ops.drift (source, entity, column_name, kind, action, rows, detail, first_seen_as_of,
                last_seen_as_of)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
            on conflict (source, entity, column_name, kind) do update set
                action = excluded.action, rows = excluded.rows, detail = excluded.detail,
                first_seen_as_of = least(drift.first_seen_as_of, excluded.first_seen_as_of),
                last_seen_as_of = greatest(drift.last_seen_as_of, excluded.last_seen_as_of)
            """,
            [
                (source, entity, item.column, item.kind, item.action, item.rows, item.detail, night.as_of, night.as_of)
                for item in drift
            ],
        )


def seen_before(connection: Connection, source: str, entity: str, as_of: datetime) -> dict[str, Seen]:
    """What the nights before that of `as_of` delivered, by column; the last `REMEMBERED` of time counts."""
    sums = ", ".join(f"sum({kind}_values)::bigint" for kind in TYPES)
    rows = connection.execute(
        statement(
            f"""
            select column_name, sum(rows)::bigint, sum(nulls)::bigint, {sums}
            from ops.profiles
            where source = %s and entity = %s and as_of < %s and as_of >= %s
            group by column_name
            """
        ),
        (source, entity, as_of, as_of - REMEMBERED),
    )
    return {
        name: Seen(count, nulls, Counter({kind: n for kind, n in zip(TYPES, types, strict=True) if n}))
        for name, count, nulls, *types in rows
    }


def known_files(connection: Connection, source: str, entity: str, as_of: datetime) -> dict[str, KnownFile]:
    """The files this warehouse has dealt with by the night of `as_of`, by name."""
    rows = connection.execute(
        """
        select distinct on (file) file, sha256, sum(deliveries) over (partition by file)
        from ops.files
        where source = %s and entity = %s and as_of <= %s and status <> 'isolated'
        order by file, last_seen_as_of desc, seen_at desc
        """,
        (source, entity, as_of),
    )
    return {file: KnownFile(sha256, int(deliveries)) for file, sha256, deliveries in rows}
