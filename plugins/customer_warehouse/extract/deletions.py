"""Rows that are gone: what the source does not have any more becomes one more version, marked `_deleted`."""

from __future__ import annotations

from datetime import datetime

from customer_warehouse.database import Connection, quoted, scalar, statement
from customer_warehouse.extract.declaration import Source, raw_table
from customer_warehouse.extract.raw_table import raw_columns
from customer_warehouse.extract.readers import SourceError
from customer_warehouse.night import Night


class Deletions:
    """Finds what is gone from one entity. `order`: SQL that orders the versions of a key, the latest first."""

    def __init__(
        self, connection: Connection, source: Source, name: str, night: Night, batch_id: int, order: str
    ) -> None:
        self.connection = connection
        self.name = name
        self.deletes = source.entities[name].deletes
        self.table = quoted(*raw_table(source.source, name))
        self.columns = raw_columns(source, name)
        self.order = order
        self.parameters = {"as_of": night.as_of, "batch_id": batch_id}

    def _latest(self) -> str:
        """SQL of the latest version of every key that the night knows."""
        return f"""
            select * from (
                select *, row_number() over (partition by _key order by {self.order}) as n
                from {self.table} where _as_of <= %(as_of)s
            ) as versions where n = 1
        """

    def vanished(self, present: str) -> tuple[int, int]:
        """Mark every known key that is not in `present` (SQL) any more, and bring back those that are there again.

        Returns how many are gone and how many came back. Raises SourceError when more are gone than may be.
        """
        known = f"select * from ({self._latest()}) as latest where not _deleted"
        total = scalar(self.connection, f"select count(*) from ({known}) as k", self.parameters)
        missing = f"from ({known}) as k where not exists (select from ({present}) as p where p._key = k._key)"
        gone = int(scalar(self.connection, f"select count(*) {missing}", self.parameters))
        allowed = self.deletes.at_most if self.deletes else 0
        if gone > max(allowed * total, 1):
            raise SourceError(
                f"{self.name}: {gone} of {total} known keys vanished, more than the {allowed:.0%} that is allowed"
            )
        if gone:
            gone = self.connection.execute(
                statement(
                    f"""
                    insert into {self.table} (_key, _row_hash, _version_at, _deleted, _as_of, _batch_id)
                    select _key, md5('deleted')::uuid, %(as_of)s, true, %(as_of)s, %(batch_id)s {missing}
                    on conflict do nothing
                    """
                ),
                self.parameters,
            ).rowcount
        return gone, self._revived(present)

    def _revived(self, present: str) -> int:
        """A key that had vanished and is there again, unchanged: its last version stands once more."""
        names = ", ".join(quoted(name) for name in [*self.columns, "_extra"])
        return self.connection.execute(
            statement(
                f"""
                insert into {self.table} ({names}, _key, _row_hash, _version_at, _as_of, _batch_id)
                select {names}, _key, _row_hash, %(as_of)s, %(as_of)s, %(batch_id)s
                from (
                    select v.*, row_number() over (partition by v._key order by {self.order}) as n
                    from {self.table} as v
                    where v._as_of <= %(as_of)s and not v._deleted and v._key in (
                        select latest._key from ({self._latest()}) as latest
                        where latest._deleted and latest._row_hash = md5('deleted')::uuid
                            and exists (select from ({present}) as p where p._key = latest._key)
                    )
                ) as versions
                where n = 1
                on conflict do nothing
                """
            ),
            self.parameters,
        ).rowcount

    def lines_of(self, file: str, version_at: datetime, present: str) -> int:
        """A file delivered anew with fewer lines takes the others back: those whose keys are not in `present` (SQL)."""
        return self.connection.execute(
            statement(
                f"""
                insert into {self.table} (_key, _row_hash, _version_at, _deleted, _as_of, _batch_id)
                select _key, md5('deleted')::uuid, %(version_at)s, true, %(as_of)s, %(batch_id)s
                from (
                    select *, row_number() over (partition by _key order by {self.order}) as n
                    from {self.table} as r
                    where _as_of <= %(as_of)s
                        and _key in (select _key from {self.table} where _file = %(file)s and _as_of <= %(as_of)s)
                ) as latest
                where n = 1 and not _deleted
                    and not exists (select from ({present}) as p where p._key = latest._key)
                on conflict do nothing
                """
            ),
            self.parameters | {"version_at": version_at, "file": file},
        ).rowcount
