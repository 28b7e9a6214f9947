"""Which of the rows that came are new versions of theirs: moves them from the stage into the raw table."""

from __future__ import annotations

from customer_warehouse.database import Connection, quoted, scalar, statement
from customer_warehouse.extract.declaration import Source, raw_table
from customer_warehouse.extract.raw_table import raw_columns
from customer_warehouse.night import Night

STAGE = "landing_stage"
STAGE_ROWS = 50_000


class Versions:
    """The versions of one entity's rows."""

    def __init__(self, connection: Connection, source: Source, name: str, night: Night, batch_id: int) -> None:
        self.connection = connection
        self.source = source
        self.entity = source.entities[name]
        self.table = quoted(*raw_table(source.source, name))
        self.columns = raw_columns(source, name)
        self.night = night
        self.batch_id = batch_id
        mappings = " ".join(mapping.model_dump_json() for mapping in self.entity.standard)
        self._place_matters = "_file" in mappings or "_line" in mappings
        self._by_line = "_line" in self.entity.key

    def move(self) -> tuple[int, int, int]:
        """Move the stage's new versions into the raw table.

        Returns how many they are, how many are duplicates, and how many versions of before stand once more.
        """
        staged = scalar(self.connection, f"select count(*) from {STAGE}")
        names = ", ".join(quoted(name) for name in [*self.columns, "_extra"])
        if staged and self.entity.cursor is None:
            self._mark_repeated()
        inserted = self.connection.execute(
            statement(
                f"""
                insert into {self.table} ({names}, _key, _row_hash, _version_at, _deleted, _as_of, _batch_id)
                select {names}, _key, _row_hash, _version_at, _deleted, %s, %s from {STAGE} where not _repeated
                on conflict do nothing
                """
            ),
            (self.night.as_of, self.batch_id),
        ).rowcount
        if inserted >= STAGE_ROWS:
            self.connection.execute(statement(f"analyze {self.table}"))
        if inserted < staged:
            self._know_earlier()
        restored = 0
        if staged and self.source.kind == "files" and not self._by_line:
            if inserted < staged:
                self._settle_files()
            if self.entity.cursor is None:
                restored = self._stand_again(names)
        return inserted, staged - inserted, restored

    def _mark_repeated(self) -> None:
        """Mark the staged rows that say the same as the version before them."""
        self.connection.execute(statement(f"analyze {STAGE}"))
        file = "coalesce(_file, '')" if self.source.kind == "files" else "''"
        self.connection.execute(
            statement(
                f"""
                update {STAGE} as s set _repeated = true
                from (
                    select place, _row_hash = lag(_row_hash) over w and _deleted = lag(_deleted) over w as same
                    from (
                        select ctid as place, _key, _version_at, _row_hash, _deleted, 1 as staged, 0 as _seq,
                            {file} as file
                        from {STAGE}
                        union all
                        select null, _key, _version_at, _row_hash, _deleted, 0, _seq, {file}
                        from {self.table} where _as_of <= %(as_of)s and _key in (select _key from {STAGE})
                        union all
                        select null, _key, _seen_at, _row_hash, _deleted, 0, _seq, {file}
                        from {self.table}
                        where _seen_at is not null and _seen_as_of <= %(as_of)s
                            and _key in (select _key from {STAGE})
                    ) as versions
                    window w as (partition by _key order by _version_at, file, staged, _seq, place)
                ) as lined
                where lined.place = s.ctid and lined.same
                """
            ),
            {"as_of": self.night.as_of},
        )

    def _stand_again(self, names: str) -> int:
        """Remember until when a version was delivered unchanged, and by which file, as another may still come late.

        The version before a late one is then landed once more, at the time it was last seen; returns how many are.
        """
        parameters = {"as_of": self.night.as_of, "batch_id": self.batch_id}
        anew = ", _seq = default" if self._place_matters else ""
        again = self.connection.execute(
            statement(
                f"""
                with late as (
                    select distinct p._key, p._version_at, p._row_hash
                    from {self.table} as p
                    join {STAGE} as s on s._key = p._key and not s._repeated and s._row_hash <> p._row_hash
                        and s._version_at > p._version_at and (s._version_at, s._file) < (p._seen_at, p._file)
                    where p._seen_at is not null
                ), again as (
                    insert into {self.table} ({names}, _key, _row_hash, _version_at, _deleted, _as_of, _batch_id)
                    select {names}, _key, _row_hash, _seen_at, _deleted, _seen_as_of, %(batch_id)s
                    from {self.table} natural join late
                    on conflict do nothing
                    returning 1
                ), done as (
                    update {self.table} as p set _seen_at = null, _seen_as_of = null
                    from late as b
                    where p._key = b._key and p._version_at = b._version_at and p._row_hash = b._row_hash
                )
                select count(*) from again
                """
            ),
            parameters,
        ).fetchone()
        self.connection.execute(
            statement(
                f"""
                update {self.table} as p
                set _seen_at = r.seen_at, _seen_as_of = %(as_of)s, _file = r.file, _line = r.line{anew}
                from (
                    select distinct on (v._key, v._version_at, v._row_hash) v._key, v._version_at, v._row_hash,
                        s._version_at as seen_at, s._file as file, s._line as line
                    from {STAGE} as s
                    cross join lateral (
                        select _key, _version_at, _row_hash from {self.table} as t
                        where t._key = s._key and t._version_at <= s._version_at
                        order by _version_at desc, _file desc, _seq desc limit 1
                    ) as v
                    where s._repeated and v._row_hash = s._row_hash
                    order by v._key, v._version_at, v._row_hash, s._version_at desc, s._file desc
                ) as r
                where p._key = r._key and p._version_at = r._version_at and p._row_hash = r._row_hash
                    and (coalesce(p._seen_at, p._version_at), p._file) < (r.seen_at, r.file)
                """
            ),
            parameters,
        )
        return int(again[0]) if again else 0

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

    def _settle_files(self) -> None:
        """Of several files that say the same as of the same time, the version belongs to one, whichever came first.

        With a cursor that is the first by name, else the last: what comes in order then needs no change.
        """
        order = "<" if self.entity.cursor is None else ">"
        self.connection.execute(
            statement(
                f"""
                update {self.table} as r set _file = s._file, _line = s._line, _seq = default
                from (
                    select distinct on (_key, _version_at, _row_hash) * from {STAGE} where not _repeated
                    order by _key, _version_at, _row_hash, _file {"desc" if order == "<" else "asc"}
                ) as s
                where r._key = s._key and r._version_at = s._version_at
                    and r._row_hash = s._row_hash and r._file {order} s._file
                """
            )
        )
