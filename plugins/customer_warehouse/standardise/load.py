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

from customer_warehouse.database import Connection, copy_arrow, quoted, scalar, statement
from customer_warehouse.extract.declaration import Source, StandardMap
from customer_warehouse.night import Night
from customer_warehouse.ops.conservation import Balance
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.settings import Settings
from customer_warehouse.standardise import own_placeholders
from customer_warehouse.standardise.balance import mapping_balances
from customer_warehouse.standardise.columns import OptionsError, check_options, region_of
from customer_warehouse.standardise.exchange_rates import ExchangeRates
from customer_warehouse.standardise.model import StandardEntity, standard_model
from customer_warehouse.standardise.processes import Processes
from customer_warehouse.standardise.raw_rows import RawRows
from customer_warehouse.standardise.reject_rows import RejectRows, numbers_of
from customer_warehouse.standardise.rows import StandardRows

LIBRARIES = (
    *("phonenumbers", "email-validator", "disposable-email-domains"),
    *("opencc", "pypinyin", "usaddress", "pycountry"),
)
"""What a new version of may make another standard value of the same raw one."""


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
        rates: ExchangeRates,
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
        self.rows = StandardRows(source, origin, mapping, night, rates, self._placeholders())
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
                if column.region_from:
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
        if changed:
            self._try_repeated_keys_again()
        self._remove(changed)
        reasons: Counter[str] = Counter()
        values_rejected = 0
        self.connection.execute(statement(f"create temporary table standard_rows (like {self.table}) on commit drop"))
        rejected = RejectRows(self.connection, self.identity, self.mapping.entity)
        for rows, rejects in self.processes.over(self.rows, self.raw.chunks(changed, self.settings.chunk_rows)):
            values_rejected += sum(not reject["row_rejected"] for reject in rejects)
            reasons.update(reject["reason"] for reject in rejects)
            copy_arrow(self.connection, "standard_rows", rows)
            rejected.add(rejects)
            progress(rows.num_rows)
        if changed:
            self._take_back_later_rows()
        rejected.add_repeated(self.table, numbers_of(self.entity, self.mapping))
        rejected.write()
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

    def balances(self) -> list[Balance]:
        """Both sides of the border for all that the night knows of this mapping, not only what changed."""
        return mapping_balances(self.connection, self.raw, self.entity, self.identity)

    def forget(self) -> None:
        """Make the next load make everything again from `raw`; commits."""
        self.connection.execute(
            "delete from standardised.loads where source = %(source)s and origin = %(origin)s", self.identity
        )
        self.connection.commit()

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
            str(self.rows.rates) if any(column.dated_by for column in self.entity.columns.values()) else "",
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

    def _try_repeated_keys_again(self) -> None:
        """Which of several rows with one key stands may change with any of them: all of them count as changed."""
        self.connection.execute(
            statement(
                f"""
                insert into changed_units
                select r.unit from standardised.rejects as r
                where r.source = %(source)s and r.origin = %(origin)s and r.reason = 'key_repeated'
                union
                select t.unit from standardised.rejects as r
                join {self.table} as t on t.source = r.source and t.source_key = r.source_key
                where r.source = %(source)s and r.origin = %(origin)s and r.reason = 'key_repeated'
                    and t.origin = r.origin
                """
            ),
            self.identity,
        )

    def _take_back_later_rows(self) -> None:
        """A row that stood gives way to a new one with its key whose unit comes first, as if both came together."""
        self.connection.execute(
            statement(
                f"""
                with later as (
                    delete from {self.table} as t using standard_rows as n
                    where t.source = n.source and t.source_key = n.source_key and t.origin = n.origin
                        and t.unit > n.unit
                    returning t.*
                ), noted as (
                    insert into changed_units select unit from later
                )
                insert into standard_rows select * from later
                """
            )
        )

    def _insert(self) -> None:
        """Move the rows into their table; of those with one key only the first."""
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
