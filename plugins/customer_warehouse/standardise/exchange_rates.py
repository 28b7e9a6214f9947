"""Exchange rates: from which day on the warehouse can count an amount of another currency.

The rates are the file `seeds/exchange_rates.csv` of the dbt project, which dbt converts by. Here it is only read to
tell the rows that have no rate, before they reach a table in which they would count as nothing.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pandas as pd

from customer_warehouse.ops.ledger import StageError
from customer_warehouse.standardise import currencies

FILE = Path("seeds") / "exchange_rates.csv"
COLUMNS = ["base_currency", "currency", "valid_from", "rate", "source"]


@dataclass(frozen=True)
class ExchangeRates:
    """The first business day of the first rate of every currency to the base currency."""

    base: str
    time_zone: str
    """IANA zone of the business day, which is what a rate is valid on."""
    since: tuple[tuple[str, date], ...]

    def missing(self, currency: pd.Series, moments: pd.Series) -> pd.Series:
        """Which rows, of a currency (never null) and a moment (UTC), no rate covers; never one without a moment."""
        days = pd.Series(moments.astype("datetime64[us, UTC]"), index=moments.index)
        days = days.dt.tz_convert(self.time_zone).dt.tz_localize(None).dt.normalize()
        first = currency.astype(object).map({name: pd.Timestamp(day) for name, day in self.since})
        uncovered = first.isna() | (days < pd.to_datetime(first).astype("datetime64[us]"))
        return (currency != self.base) & days.notna() & uncovered


def exchange_rates(project: Path, base: str, time_zone: str) -> ExchangeRates:
    """The rates to `base` in the dbt project. Raises StageError naming the line that is wrong."""
    since: dict[str, date] = {}
    seen: set[tuple[str, ...]] = set()
    file = project / FILE
    try:
        text = file.read_text(encoding="utf-8")
    except OSError:
        raise StageError(f"There is no {FILE} in the dbt project; put it back, if only with its header.") from None
    rows = csv.reader(text.splitlines())
    if next(rows, None) != COLUMNS:
        raise StageError(f"{FILE} must begin with the header {','.join(COLUMNS)}.")
    for row in rows:
        if fault := _fault(row, seen):
            raise StageError(f"{FILE}, line {rows.line_num}: {fault}.")
        seen.add(tuple(row[:3]))
        if row[0] == base:
            day = date.fromisoformat(row[2])
            since[row[1]] = min(day, since.get(row[1], day))
    return ExchangeRates(base, time_zone, tuple(sorted(since.items())))


def _fault(row: list[str], seen: set[tuple[str, ...]]) -> str | None:
    """What is wrong with a row of the file, if anything."""
    if len(row) != len(COLUMNS) or not row[4].strip():
        return f"a rate needs all of {', '.join(COLUMNS)}"
    unknown = [code for code in row[:2] if code not in currencies.codes()]
    if unknown:
        return f"{unknown[0]!r} is no currency of ISO 4217"
    if row[0] == row[1]:
        return "the base currency is always 1 and needs no rate"
    try:
        date.fromisoformat(row[2])
    except ValueError:
        return f"{row[2]!r} is no day (YYYY-MM-DD)"
    try:
        rate = Decimal(row[3])
    except InvalidOperation:
        rate = Decimal(0)
    if not rate.is_finite() or rate <= 0:
        return f"{row[3]!r} is no rate: write how many {row[0]} one {row[1]} is worth"
    return "the currency has another rate from this day on" if tuple(row[:3]) in seen else None
