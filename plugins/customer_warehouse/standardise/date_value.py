"""Dates: a day without a time, such as a birth date."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from customer_warehouse.standardise.characters import clean
from customer_warehouse.standardise.day_reading import (
    FIRST_OR_LAST,
    AmbiguousDayError,
    ImpossibleDayError,
    Reading,
    reading,
)
from customer_warehouse.standardise.reference import is_placeholder, listed
from customer_warehouse.standardise.value import MISSING, Value, rejected

MAX_LENGTH = 60

_TIME = re.compile(
    r"(?:(?<=\d)T|,? |(?<=[日號号])) ?(?P<time>(?:上午|下午|AM|PM)? ?\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)? ?(?:AM|PM)?)"
    r" ?(?:Z|UTC|(?:GMT)?[+-]\d{2}:?\d{2})?$",
    re.ASCII | re.IGNORECASE,
)
_MIDNIGHT = re.compile(
    r"(?:00?|(?:上午|AM) ?12):00(?::00(?:[.,]0+)?)?|12:00(?::00(?:[.,]0+)?)? ?AM", re.ASCII | re.IGNORECASE
)
_DECIMALS = re.compile(r"\.(\d+)$", re.ASCII)


def standardise(
    raw: str | None,
    *,
    order: str | None = None,
    roc: bool = False,
    excel: bool | int = False,
    pivot: int | None = None,
    earliest: str | None = None,
    latest: str | None = None,
    placeholders: Iterable[str] = (),
) -> Value:
    """The day as `datetime.date`.

    Year first in any usual writing, Chinese and English month names need no option; a weekday and a time are dropped
    (flag `time_dropped`, unless it is midnight). `order` (`day`, `month` or `year`) is what comes first in
    `05/06/1990`. `roc` reads years of up to three digits as years of the Republic of China (after 民國 they always are,
    and 民前 counts back from 1912); `pivot` reads years of two digits, those below it as 20xx, the others as 19xx, in
    the declared order. `excel` reads numbers as Excel's day serials: true for those from 1900, 1904 for the others.
    `earliest` and `latest` (ISO, included) bound the result, `placeholders` adds ISO dates that stand for "not known".
    Flags: `time_dropped`, `suspected_placeholder` (a day that forms begin with).
    Rejects: `not_a_date`, `impossible_date`, `ambiguous_date`, `date_out_of_range`, `placeholder`.
    Raises ValueError for options that cannot be.
    """
    days = _reading(order, roc, excel, pivot)
    first, last, refused = limits(earliest, latest, tuple(map(str, placeholders)))
    text = clean(raw)
    if text is None:
        return MISSING
    if len(text) > MAX_LENGTH:
        return rejected("not_a_date")
    if is_placeholder(text) or not text.strip("0-/. :TZ") or FIRST_OR_LAST.match(text):
        return rejected("placeholder")
    flags: tuple[str, ...] = ()
    if (time := _TIME.search(text)) is not None:
        text = text[: time.start()]
        flags = () if _MIDNIGHT.fullmatch(time["time"]) else ("time_dropped",)
    elif days.excel and (part := _DECIMALS.search(text)) and text[: part.start()].isdigit():
        text = text[: part.start()]
        flags = ("time_dropped",) if part[1].strip("0") else ()
    try:
        day = days.day(text) or days.serial(text)
    except ImpossibleDayError:
        return rejected("impossible_date")
    except AmbiguousDayError:
        return rejected("ambiguous_date")
    if day is None:
        return rejected("not_a_date")
    if day in refused:
        return rejected("placeholder")
    if (first and day < first) or (last and day > last):
        return rejected("date_out_of_range")
    return Value(day, flags=(*flags, "suspected_placeholder") if day in suspected() else flags)


@lru_cache
def _reading(order: str | None, roc: bool, excel: bool | int, pivot: int | None) -> Reading:
    return reading(order, roc, excel, pivot)


@lru_cache
def limits(
    earliest: str | None, latest: str | None, placeholders: tuple[str, ...]
) -> tuple[date | None, date | None, frozenset[date]]:
    """The first and the last day that are allowed, and the days that stand for "not known"."""
    refused = [*_listed("rejected"), *map(date.fromisoformat, placeholders)]
    return _limit(earliest), _limit(latest), frozenset(refused)


def _limit(given: Any) -> date | None:
    """A bound from a declaration or from the night: a date, or the date of a time, in ISO form."""
    return None if given is None else datetime.fromisoformat(str(given)).date()


@lru_cache
def suspected() -> frozenset[date]:
    """Days that forms begin with: kept, because people are born on them too, but flagged."""
    return frozenset(_listed("suspected"))


def _listed(name: str) -> list[date]:
    return [date.fromisoformat(day) for day in listed("placeholders", "date", name)]
