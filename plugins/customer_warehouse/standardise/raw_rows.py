"""The raw rows that a mapping reads: which of them changed, which version of each the night knows, in chunks.

The unit of work is the raw rows that make one standard row (or, with `each`, its rows): a raw row's key, or the values
of the `group_by` columns.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from customer_warehouse.database import Connection, quoted, scalar, statement
from customer_warehouse.extract.declaration import Condition, Source, StandardMap, raw_table
from customer_warehouse.extract.raw_table import newest_first
from customer_warehouse.night import Night
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.standardise.raw_values import RawValues

BYTES_A_ROW = 400
"""A usual raw row; turns a number of rows into a block size."""


class RawRows:
    """The rows of one raw entity as one mapping sees them in one night."""

    def __init__(
        self, connection: Connection, night: Night, source: Source, raw_entity: str, mapping: StandardMap
    ) -> None:
        self.connection = connection
        self.night = night
        self.source = source
        self.mapping = mapping
        self.declared = source.entities[raw_entity]
        self.table = quoted(*raw_table(source.source, raw_entity))

    @property
    def unit(self) -> str:
        return " || '|' || ".join(quoted(name) for name in self.mapping.group_by) if self.mapping.group_by else "_key"

    def find_changed(self, last: tuple[datetime, int] | None) -> bool:
        """Put the units that changed since `last` (night, raw row) into the table changed_units.

        Returns False, and makes no table, when every unit is to be made again. Raises StageError when nothing of the
        entity was ever extracted.
        """
        if scalar(self.connection, "select to_regclass(%s)", (self.table,)) is None:
            raise StageError(f"{self.table} does not exist: extract {self.source.source} before it is standardised.")
        if last is None or last[0] > self.night.as_of:
            return False
        self.connection.execute(
            statement(
                f"""
                create temporary table changed_units on commit drop as
                select distinct {self.unit} as unit from {self.table}
                where _as_of <= %(as_of)s and (_seq > %(seq)s or _as_of > %(last_as_of)s)
                """
            ),
            {"as_of": self.night.as_of, "seq": last[1], "last_as_of": last[0]},
        )
        if self.mapping.group_by:
            # A row that is gone has no values left to group by: find its units through the versions before.
            self.connection.execute(
                statement(
                    f"""
                    insert into changed_units
                    select distinct {self.unit} from {self.table}
                    where _key in (select _key from {self.table} where _as_of <= %(as_of)s
                        and (_seq > %(seq)s or _as_of > %(last_as_of)s)
                    )
                    """
                ),
                {"as_of": self.night.as_of, "seq": last[1], "last_as_of": last[0]},
            )
        self.connection.execute("analyze changed_units")
        return True

    def latest(self, changed: bool) -> str:
        """SQL of the raw rows to make standard rows of: the latest version of each key, one a unit when grouped."""
        only = f" and {self.unit} in (select unit from changed_units)" if changed else ""
        if changed and self.mapping.group_by:
            only = f" and _key in (select _key from {self.table} where {self.unit} in (select unit from changed_units))"
        conditions = "".join(f" and {_condition(condition)}" for condition in self.mapping.where)
        columns = ", ".join(quoted(name) for name in self.columns())
        latest = f"""
            select {columns}, {self.unit} as _unit, _version_at, _key from (
                select *, row_number() over (partition by _key order by {newest_first(self.source)}) as _n
                from {self.table} where _as_of <= %(as_of)s{only}
            ) as versions where _n = 1 and not _deleted{conditions}
        """
        if not self.mapping.group_by:
            return latest
        direction = "desc" if self.mapping.take == "last" else "asc"
        order = f"_version_at {direction}, length(_key) {direction}, _key {direction}"
        in_changed = " and _unit in (select unit from changed_units)" if changed else ""
        return f"""
            select * from (
                select *, row_number() over (partition by _unit order by {order}) as _m from ({latest}) as rows
                where _unit is not null{in_changed}
            ) as grouped where _m = 1
        """

    def columns(self) -> list[str]:
        return [*self.declared.columns, *(("_file", "_line") if self.source.kind == "files" else ())]

    def chunks(self, changed: bool, chunk_rows: int) -> Iterator[pd.DataFrame]:
        """The raw rows in chunks, every column text."""
        names = [*self.columns(), "_unit"]
        columns = ", ".join(map(quoted, names))
        query = statement(f"copy (select {columns} from ({self.latest(changed)}) as r) to stdout (format csv)")
        # A connection runs one COPY at a time, and each chunk is written by COPY while the next ones wait: on disk.
        with tempfile.TemporaryFile() as file:
            with self.connection.cursor().copy(query, {"as_of": self.night.as_of}) as copy:
                for block in copy:
                    file.write(block)
            if file.tell() == 0:
                return
            file.seek(0)
            reader = pa_csv.open_csv(
                file,
                read_options=pa_csv.ReadOptions(
                    column_names=names, use_threads=False, block_size=chunk_rows * BYTES_A_ROW
                ),
                parse_options=pa_csv.ParseOptions(newlines_in_values=True),
                convert_options=pa_csv.ConvertOptions(
                    column_types={name: pa.string() for name in names},
                    strings_can_be_null=True,
                    null_values=[""],
                    quoted_strings_can_be_null=False,
                ),
            )
            for batch in reader:
                frame = pa.Table.from_batches([batch]).to_pandas(types_mapper=lambda _: pd.StringDtype("pyarrow"))
                for start in range(0, len(frame), chunk_rows):
                    yield frame.iloc[start : start + chunk_rows].reset_index(drop=True)

    def expected(self, changed: bool) -> int:
        """How many standard rows the rows should give, counted in SQL."""
        query = f"select count(*) from ({self.latest(changed)}) as r{RawValues(self.mapping.each).joins}"
        return int(scalar(self.connection, query, {"as_of": self.night.as_of}))


def _condition(condition: Condition) -> str:
    """SQL of one condition; a null never matches."""
    column = quoted(condition.column)
    parts = []
    if condition.is_null is not None:
        parts.append(f"{column} is {'' if condition.is_null else 'not '}null")
    if condition.matches is not None:
        parts.append(f"coalesce({column} ~ {_literal(condition.matches)}, false)")
    if condition.not_matches is not None:
        parts.append(f"not coalesce({column} ~ {_literal(condition.not_matches)}, false)")
    return " and ".join(parts) or "true"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"
