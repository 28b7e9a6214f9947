"""Dates: a day without a time, such as a birth date."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from customer_warehouse.standardise.characters import clean
from customer_warehouse.standardise.reference import is_placeholder, read
from customer_warehouse.standardise.value import MISSING, Value, rejected

MAX_LENGTH = 60
ROC_OFFSET = 1911
"""Year 1 of the Republic of China is 1912."""
EXCEL_ZERO = date(1899, 12, 30)
"""Day 0 of Excel's serials from 61 on; those before count a 29 February 1900 that never was."""
FIRST_TRUE_SERIAL = 61

_TIME = r"(?:[T ] ?(?:上午|下午|AM|PM)? ?\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)? ?(?:AM|PM)? ?(?:Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"(\d{{1,4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.ASCII | re.IGNORECASE)
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}", re.ASCII | re.IGNORECASE)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_ROC_COMPACT = re.compile(r"(\d{2,3})(\d{2})(\d{2})", re.ASCII)
_CHINESE = re.compile(r"(\d{1,4}|元) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?[日號号]?", re.ASCII)
_ROC_PREFIX = re.compile(r"(?:中華民國|中华民国|民國|民国|ROC) ?", re.IGNORECASE)
_NAMED = re.compile(
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?[ -](?P<month>[a-z]{3,9})\.?[ -]|(?P<month2>[a-z]{3,9})\.? (?P<day2>\d{1,2})"
    r"(?:st|nd|rd|th)?,? )(?P<year>\d{4})",
    re.ASCII | re.IGNORECASE,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SERIAL = re.compile(r"(\d{1,7})(?:\.\d+)?", re.ASCII)


class _ImpossibleError(Exception):
    """The text has the shape of a date that no calendar has."""


class _AmbiguousError(Exception):
    """The text may be more than one date and no option says which."""


def standardise(
    raw: str | None,
    *,
    order: str | None = None,
    roc: bool = False,
    excel: bool = False,
    earliest: str | None = None,
    latest: str | None = None,
    placeholders: Iterable[str] = (),
) -> Value:
    """The day as `datetime.date`.

    Year first in any usual writing needs no option; a time behind it is dropped. `order` is `day` or `month`: which
    comes first in `05/06/1990`. `roc` reads years below 1000 as years of the Republic of China (the prefix 民國 is
    always read), `excel` reads numbers as Excel's day serials. `earliest` and `latest` (ISO, included) bound the
    result, `placeholders` adds ISO dates that stand for "not known".
    Rejects: `not_a_date`, `impossible_date`, `ambiguous_date`, `date_out_of_range`, `placeholder`.
    """
    if order not in (None, "day", "month"):
        raise ValueError("the order of a date is `day` or `month`")
    first, last, refused = limits(earliest, latest, tuple(map(str, placeholders)))
    text = clean(raw)
    if text is None:
        return MISSING
    if len(text) > MAX_LENGTH:
        return rejected("not_a_date")
    if is_placeholder(text) or not text.strip("0-/. :TZ"):
        return rejected("placeholder")
    try:
        day = _day(text, order, roc, excel)
    except _ImpossibleError:
        return rejected("impossible_date")
    except _AmbiguousError:
        return rejected("ambiguous_date")
    if day is None:
        return rejected("not_a_date")
    if day in refused:
        return rejected("placeholder")
    if (first and day < first) or (last and day > last):
        return rejected("date_out_of_range")
    return Value(day, flags=("suspected_placeholder",) if day in _suspected() else ())


def _day(text: str, order: str | None, roc: bool, excel: bool) -> date | None:
    """The day that a text means, None when it has no date's shape."""
    prefix = _ROC_PREFIX.match(text)
    if prefix:
        text, roc = text[prefix.end() :], True
    if match := _YEAR_FIRST.fullmatch(text):
        return _with_year(match[1], match[3], match[4], roc)
    if match := _CHINESE.fullmatch(text):
        return _with_year("1" if match[1] == "元" else match[1], match[2], match[3], roc or match[1] == "元")
    if match := _COMPACT.fullmatch(text):
        return _with_year(match[1], match[2], match[3], roc=False)
    if roc and (match := _ROC_COMPACT.fullmatch(text)):
        return _with_year(match[1], match[2], match[3], roc=True)
    if match := _YEAR_LAST.fullmatch(text):
        return _year_last(int(match[1]), int(match[3]), int(match[4]), order)
    if match := _NAMED.fullmatch(text):
        return _named(match)
    if excel and (match := _SERIAL.fullmatch(text)):
        if int(match[1]) < FIRST_TRUE_SERIAL:
            raise _ImpossibleError
        try:
            return EXCEL_ZERO + timedelta(days=int(match[1]))
        except OverflowError:
            raise _ImpossibleError from None
    return None


def _with_year(year: str, month: str, day: str, roc: bool) -> date:
    number = int(year)
    if number < 1000 and len(year) < 4:
        if not roc:
            raise _AmbiguousError
        number += ROC_OFFSET
    return _calendar(number, int(month), int(day))


def _year_last(first: int, second: int, year: int, order: str | None) -> date:
    if order is None and first != second and first <= 12 and second <= 12:
        raise _AmbiguousError
    if order == "month" or (order is None and second > 12):
        return _calendar(year, first, second)
    return _calendar(year, second, first)


def _named(match: re.Match[str]) -> date | None:
    name = (match["month"] or match["month2"]).lower()
    if name[:3] not in _MONTHS:
        return None
    return _calendar(int(match["year"]), _MONTHS.index(name[:3]) + 1, int(match["day"] or match["day2"]))


def _calendar(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise _ImpossibleError from None


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
def _suspected() -> frozenset[date]:
    return frozenset(_listed("suspected"))


def _listed(name: str) -> list[date]:
    return [date.fromisoformat(str(day)) for day in read("placeholders")["date"][name]]
