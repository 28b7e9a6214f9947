"""Loads one mapping of a source into one standardised table.

The unit of work is the raw rows that make one standard row (or, with `each`, its rows): a raw row's key, or the values
of the `group_by` columns. A unit that changed is taken away and made again from the raw rows as the night knows them.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from customer_warehouse.database import Connection, copy_arrow, quoted, scalar, statement
from customer_warehouse.extract.declaration import Source, StandardMap
from customer_warehouse.night import Night
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.settings import Settings
from customer_warehouse.standardise import own_placeholders
from customer_warehouse.standardise.columns import OptionsError, check_options, region_of
from customer_warehouse.standardise.model import StandardEntity, standard_model
from customer_warehouse.standardise.processes import Processes
from customer_warehouse.standardise.raw_rows import RawRows
from customer_warehouse.standardise.rows import StandardRows

LIBRARIES = ("phonenumbers", "email-validator", "disposable-email-domains", "opencc", "pycountry")


@dataclass
class LoadCounts:
    """Of the units that changed: rows they should give, rows that stand, rows rejected; and values rejected."""

    landed: int = 0
    standardised: int = 0
    rejected: int = 0
    values_rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


class MappingLoad:
    """One load of one mapping for one night."""

    def __init__(
        self,
        connection: Connection,
        settings: Settings,
        night: Night,
        source: Source,
        origin: str,
        raw_entity: str,
        mapping: StandardMap,
        processes: Processes,
    ) -> None:
        self.processes = processes
        self.connection = connection
        self.settings = settings
        self.night = night
        self.source = source
        self.origin = origin
        self.mapping = mapping
        self.entity: StandardEntity = standard_model()[mapping.entity]
        self.raw = RawRows(connection, night, source, raw_entity, mapping)
        self.rows = StandardRows(source, origin, mapping, night, self._placeholders())
        self.table = quoted("standardised", mapping.entity)
        self.identity = {"source": source.source, "origin": origin, "as_of": night.as_of}
        self._check_declaration()

    def _placeholders(self) -> dict[str, frozenset[str]]:
        if self.mapping.entity != own_placeholders.ENTITY:
            return {}
        return own_placeholders.listed_values(own_placeholders.load_entries(self.settings.sources_dir), self.source)

    def _check_declaration(self) -> None:
        """Raise StageError for columns that the standard model lacks, and for options that their types refuse."""
        where = f"The declaration {self.source.source}.yml maps {self.mapping.entity}"
        unknown = sorted(set(self.mapping.columns) - set(self.entity.columns))
        if unknown:
            raise StageError(f"{where} columns that the standard model does not have: {', '.join(unknown)}.")
        for name in self.mapping.columns:
            options = self.rows.options(name)
            type_name, column = self.entity.columns[name].type, self.mapping.columns[name]
            try:
                check_options(type_name, options)
                if column.region_from is not None:
                    wrong = [to for to in column.region_map.values() if region_of(type_name, to, options) is None]
                    if wrong or region_of(type_name, self.source.region, options) is None:
                        raise OptionsError(f"{type_name} has no region {', '.join(wrong) or self.source.region}")
            except OptionsError as error:
                raise StageError(f"{where}.{name} with options that cannot be: {error}.") from None

    def run(self, progress: Callable[[int], None]) -> LoadCounts:
        """Do the load in one transaction; `progress` is called with the rows of each chunk.

        Raises StageError when the counts of both sides differ.
        """
        version = self._mapping_version()
        changed = self.raw.find_changed(self._last_load(version))
        self._remove(changed)
        reasons: Counter[str] = Counter()
        values_rejected = 0
        self.connection.execute(statement(f"create temporary table standard_rows (like {self.table}) on commit drop"))
        for rows, rejects in self.processes.over(self.rows, self.raw.chunks(changed, self.settings.chunk_rows)):
            values_rejected += sum(not reject["row_rejected"] for reject in rejects)
            reasons.update(reject["reason"] for reject in rejects)
            copy_arrow(self.connection, "standard_rows", rows)
            self._write_rejects(rejects)
            progress(rows.num_rows)
        self._insert()
        counts = self._counted(changed)
        counts.reasons = reasons
        counts.values_rejected = values_rejected
        self.connection.execute(
            statement(
                f"""
                insert into standardised.loads (source, origin, entity, as_of, seq, mapping)
                values (%(source)s, %(origin)s, %(entity)s, %(as_of)s,
                    (select coalesce(max(_seq), 0) from {self.raw.table}), %(mapping)s)
                on conflict (source, origin) do update
                set entity = excluded.entity, as_of = excluded.as_of, seq = excluded.seq, mapping = excluded.mapping
                """
            ),
            self.identity | {"entity": self.mapping.entity, "mapping": version},
        )
        if counts.landed != counts.standardised + counts.rejected:
            raise StageError(
                f"{self.source.source}.{self.origin}: {counts.landed} landed rows became {counts.standardised} rows and"
                f" {counts.rejected} rejects; rows are lost or doubled, so the night stops here. Nothing was changed."
            )
        self.connection.commit()
        return counts

    def _mapping_version(self) -> str:
        """Changes whenever the same raw row could give another standard row."""
        parts = [
            self.mapping.model_dump_json(),
            str(self.source.file_parts(self.rows.raw_entity)),
            self.source.region,
            self.source.time_zone,
            self.source.currency,
            self.entity.model_dump_json(),
            *(f"{column}={sorted(values)}" for column, values in sorted(self.rows.placeholders.items())),
            *(importlib.metadata.version(name) for name in LIBRARIES),
            _rules_version(),
        ]
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]

    def _last_load(self, version: str) -> tuple[datetime, int] | None:
        """Night and last raw row of the last load; None when there was none, or by another mapping."""
        last = self.connection.execute(
            "select as_of, seq, mapping from standardised.loads where source = %s and origin = %s",
            (self.source.source, self.origin),
        ).fetchone()
        return (last[0], last[1]) if last and last[2] == version else None

    def _remove(self, changed: bool) -> None:
        only = " and unit in (select unit from changed_units)" if changed else ""
        for table in (self.table, "standardised.rejects"):
            self.connection.execute(
                statement(f"delete from {table} where source = %(source)s and origin = %(origin)s{only}"), self.identity
            )

    def _write_rejects(self, rejects: list[dict[str, Any]]) -> None:
        if not rejects:
            return
        fixed = {
            "source": self.source.source,
            "origin": self.origin,
            "entity": self.mapping.entity,
            "first_seen_as_of": self.night.as_of.isoformat(),
            "last_seen_as_of": self.night.as_of.isoformat(),
        }
        copy_arrow(self.connection, "standardised.rejects", pa.Table.from_pylist([row | fixed for row in rejects]))

    def _insert(self) -> None:
        """Move the rows into their table; a key that another row of the source already has is rejected."""
        self.connection.execute(
            statement(
                f"""
                insert into standardised.rejects (source, origin, unit, entity, source_key, column_name, raw_value,
                    reason, row_rejected, first_seen_as_of, last_seen_as_of)
                select source, origin, unit, %(entity)s, source_key, 'source_key', null, 'key_repeated', true,
                    %(as_of)s, %(as_of)s
                from (
                    select n.*, row_number() over (partition by n.source_key order by n.unit) as repetition,
                        t.source_key is not null as taken
                    from standard_rows as n
                    left join {self.table} as t on t.source = n.source and t.source_key = n.source_key
                ) as rows
                where repetition > 1 or taken
                """
            ),
            self.identity | {"entity": self.mapping.entity},
        )
        self.connection.execute(
            statement(
                f"""
                insert into {self.table}
                select * from standard_rows order by source_key, unit
                on conflict (source, source_key) do nothing
                """
            )
        )

    def _counted(self, changed: bool) -> LoadCounts:
        """Both sides of the border, counted in SQL from the tables themselves."""
        only = " and unit in (select unit from changed_units)" if changed else ""
        landed = self.raw.expected(changed)
        standing = scalar(
            self.connection,
            f"select count(*) from {self.table} where source = %(source)s and origin = %(origin)s{only}",
            self.identity,
        )
        rejected = scalar(
            self.connection,
            "select count(*) from standardised.rejects"
            f" where source = %(source)s and origin = %(origin)s and row_rejected{only}",
            self.identity,
        )
        return LoadCounts(landed, standing, rejected)


@cache
def _rules_version() -> str:
    """Changes whenever a module or word list of this package does: what they say of a value may have changed."""
    files = sorted(file for file in Path(__file__).parent.rglob("*") if file.suffix in (".py", ".yml", ".csv"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
