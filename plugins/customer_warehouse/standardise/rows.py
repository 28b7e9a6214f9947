"""A chunk of raw rows becomes standard rows and rejects: no database, so that it can be done in any process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pyarrow as pa

from customer_warehouse.extract.declaration import Source, StandardMap
from customer_warehouse.night import Night
from customer_warehouse.standardise.columns import (
    TYPES,
    standardise_column,
    standardise_parts,
    standardise_rows,
)
from customer_warehouse.standardise.exchange_rates import ExchangeRates
from customer_warehouse.standardise.mapping import TEXT, Chunk, constant, mapped
from customer_warehouse.standardise.model import TECHNICAL, StandardEntity, standard_model
from customer_warehouse.standardise.own_placeholders import without
from customer_warehouse.standardise.reject_rows import numbers_of, with_amounts

Rejects = list[dict[str, Any]]


@dataclass(frozen=True)
class StandardRows:
    """What one mapping of a source makes of raw rows in one night."""

    source: Source
    origin: str
    mapping: StandardMap
    night: Night
    rates: ExchangeRates
    placeholders: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The company's own placeholders by column of the entity."""

    @property
    def entity(self) -> StandardEntity:
        return standard_model()[self.mapping.entity]

    @property
    def raw_entity(self) -> str:
        """The entity of the source that the mapping reads; the origin begins with it."""
        return self.origin.partition(".")[0]

    def __call__(self, raw: pd.DataFrame) -> tuple[pa.Table, Rejects]:
        """The standard rows of a chunk, in the table's columns, and what was rejected on the way."""
        chunk = Chunk(raw, self.mapping.each, self.source.file_parts(self.raw_entity))
        keys, texts = mapped(chunk, self.mapping)
        keys = standardise_column("text", keys, {}).canonical  # as the columns of other entities that refer to it
        count = len(chunk)
        units = chunk.column("_unit")
        rejected = keys.isna() | keys.duplicated()
        rejects: Rejects = []
        for position in _positions(rejected):
            key = keys.iloc[position]
            missing = pd.isna(key)
            reason = "key_missing" if missing else "key_repeated"
            unit = units.iloc[position]
            rejects.append(_reject(unit, unit if missing else key, "source_key", None, reason, True))
        columns: dict[str, pd.Series] = {}
        for name in self._in_order():
            column = self.entity.columns[name]
            given = texts.get(name, constant(None, count))
            options = self.options(name)
            regions = self._regions(chunk, name, columns)
            if column.type == "money" and "currency" in columns:
                currency = columns["currency"].fillna(self.source.currency)
                result = standardise_parts("money", given, _by_currency(currency, options))
            else:
                result = standardise_rows(column.type, given, options, regions)
            if name in self.placeholders:
                result = without(result, self.placeholders[name])
            extra = {"key": result.key, **result.parts, "flags": result.flags, "raw": given}
            columns |= {f"{name}_{suffix}": values for suffix, values in extra.items() if values is not None}
            reasons = result.reason
            columns[name] = result.canonical
            if column.unreadable is not None:
                columns[name] = result.canonical.mask(reasons.notna(), column.unreadable)
            if column.dated_by is not None:
                currency = result.canonical.fillna(self.source.currency)
                unpriced = self.rates.missing(currency, columns[column.dated_by]) & reasons.isna()
                reasons, given = reasons.mask(unpriced, "no_exchange_rate"), given.mask(unpriced, currency)
            if column.required:
                absent = result.canonical.isna() & reasons.isna()
                reasons = reasons.where(~absent, "missing")
            fatal = column.required or column.required_when_given or column.dated_by is not None
            for position in _positions(reasons.notna() & ~rejected):
                rejects.append(
                    _reject(
                        units.iloc[position],
                        keys.iloc[position],
                        name,
                        given.iloc[position],
                        str(reasons.iloc[position]),
                        fatal,
                    )
                )
            if fatal:
                rejected = rejected | reasons.notna()
        frame = pd.DataFrame(
            {"source": self.source.source, "source_key": keys, "origin": self.origin, "unit": units} | columns
        )
        numbers = {name: texts[name] for name in numbers_of(self.entity, self.mapping)}
        return _arrow(frame[~rejected], self.entity), with_amounts(_once_a_row(rejects), units, keys, numbers)

    def _in_order(self) -> list[str]:
        """The entity's columns, those that look at parts of other columns behind these."""
        return sorted(self.entity.columns, key=lambda name: any(map(self._part, self._region_from(name))))

    def _region_from(self, name: str) -> list[str]:
        column = self.mapping.columns.get(name)
        return column.region_from if column else []

    def _part(self, path: str) -> str | None:
        """The table's column for `postal_address.country`, a part of a standard column; None for any other path."""
        name, _, part = path.partition(".")
        column = self.entity.columns.get(name)
        return f"{name}_{part}" if column and part in TYPES[column.type].parts else None

    def _regions(self, chunk: Chunk, name: str, done: Mapping[str, pd.Series]) -> pd.Series | None:
        """Each row's own region, from the first path of its column that gives one."""
        regions: pd.Series | None = None
        for path in self._region_from(name):
            part = self._part(path)
            names = self.mapping.columns[name].region_map
            found = (done[part] if part else chunk.path(path)).astype(TEXT)
            for written, region in names.items():
                found = found.mask((found == written).fillna(False), region)
            regions = found if regions is None else regions.where(regions.notna(), found)
        return regions

    def options(self, name: str) -> dict[str, Any]:
        """Options of the column's type: the standard model's, the source's defaults, the declaration's own."""
        column = self.entity.columns[name]
        options = dict(column.options)
        if column.type in ("phone", "postal_address"):
            options["region"] = self.source.region
        elif column.type == "timestamp":
            options["time_zone"] = self.source.time_zone
        elif column.type == "date" and not column.ahead:
            options["latest"] = self.night.date.isoformat()
        elif column.type == "money":
            options["currency"] = self.source.currency
        declared = self.mapping.columns.get(name)
        return options | (declared.options if declared else {})


def _reject(unit: str, key: str, column: str, raw: Any, reason: str, row_rejected: bool) -> dict[str, Any]:
    return {
        "unit": unit,
        "source_key": key,
        "column_name": column,
        "raw_value": None if raw is None or pd.isna(raw) else str(raw)[:500],
        "reason": reason,
        "row_rejected": row_rejected,
    }


def _by_currency(currency: pd.Series, options: dict[str, Any]) -> list[tuple[pd.Series, dict[str, Any]]]:
    """The rows of each currency, with the options of a column of money in it."""
    found = sorted(currency.unique()) or [options["currency"]]
    return [(currency == code, options | {"currency": code}) for code in found]


def _once_a_row(rejects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Only one reject of a rejected row counts it; its other faults stay on record as values."""
    seen: set[tuple[str, str]] = set()
    for reject in rejects:
        row = (reject["unit"], reject["source_key"])
        if reject["row_rejected"] and reject["reason"] not in ("key_missing", "key_repeated"):
            if row in seen:
                reject["row_rejected"] = False
            seen.add(row)
    return rejects


def _positions(mask: pd.Series) -> list[int]:
    return [int(position) for position in mask.to_numpy(dtype=bool).nonzero()[0]]


def _arrow(frame: pd.DataFrame, entity: StandardEntity) -> pa.Table:
    """The frame as Arrow, columns in the table's order."""
    names = [*TECHNICAL, *entity.table_columns()]
    return pa.Table.from_pandas(frame[names], preserve_index=False)
