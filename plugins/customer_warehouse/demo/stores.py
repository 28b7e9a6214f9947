"""The brand's stores: where they are and on which days they are open."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from customer_warehouse.demo import tables
from customer_warehouse.demo.catalogue import hash_text
from customer_warehouse.demo.moments import EPOCH_DATE, day_text

LATE = 0.01
"""Share of a store's days whose files reach the drop folder two days late."""
LATE_BY = 2
NEW_YEARS = (date(2025, 1, 28), date(2026, 2, 16), date(2027, 2, 5), date(2028, 1, 25), date(2029, 2, 12))
"""The first of the four days around the lunar New Year on which every store is closed."""


class Store(NamedTuple):
    code: str
    phone: str
    opening: int
    """The first day it is open, counted from the brand's first."""
    weight: float
    row: tables.Row


@cache
def stores() -> list[Store]:
    return [
        Store(
            row["store_code"],
            row["phone"],
            (date.fromisoformat(row["opened_on"]) - EPOCH_DATE).days,
            float(row["weight"]),
            row,
        )
        for row in tables.rows("stores")
    ]


@cache
def is_closed(day: int) -> bool:
    """Whether every store is closed on this day."""
    today = EPOCH_DATE + timedelta(days=day)
    return any(first <= today < first + timedelta(days=4) for first in NEW_YEARS)


@cache
def open_stores(day: int) -> tuple[Store, ...]:
    return () if is_closed(day) else tuple(store for store in stores() if store.opening <= day)


@cache
def is_late(code: str, day: int) -> bool:
    """Whether this store's files of this day come two days late."""
    return hash_text(f"late:{code}:{day}") % 10_000 < LATE * 10_000


def drop_days(until_day: int) -> list[tuple[int, Store]]:
    """Every day and store whose files are in the drop folder once the day `until_day` is over."""
    return [
        (day, store)
        for day in range(until_day + 1)
        for store in open_stores(day)
        if not is_late(store.code, day) or day + LATE_BY <= until_day
    ]


@cache
def has_store_list(day: int) -> bool:
    """Whether the full list of stores is delivered on this day: the first and the last of each month."""
    return day_text(day).endswith("-01") or day_text(day + 1).endswith("-01")


def store_list(day: int) -> list[tables.Row]:
    """The rows of that list: the stores that are open, or will be within two months."""
    return [store.row for store in stores() if store.opening <= day + 60]
