"""Days as people and systems write them: shapes, calendars, orders; shared by dates and timestamps."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any, NamedTuple

ROC_OFFSET = 1911
"""Year 1 of the Republic of China is 1912; 民國前 1 is 1911."""
EXCEL_ZERO = date(1899, 12, 30)
"""Day 0 of Excel's 1900 serials from 61 on; those before count a 29 February 1900 that never was."""
FIRST_TRUE_SERIAL = 61
EXCEL_1904_ZERO = date(1904, 1, 1)
"""Day 0 of the serials of workbooks in the 1904 system, of which old Macs made theirs."""

_FIRST_HALF = ("january", "february", "march", "april", "may", "june")
_SECOND_HALF = ("july", "august", "september", "october", "november", "december")
MONTHS = {
    name[:length]: number for number, name in enumerate(_FIRST_HALF + _SECOND_HALF, 1) for length in (3, len(name))
} | {"sept": 9}

_NUMERAL = "〇零一二三四五六七八九"
_DIGITS = str.maketrans(dict(zip(_NUMERAL + "○", "00123456789" + "0", strict=True)))
_TENS = {"十": 1, "廿": 2, "卅": 3}
_NUMERALS = f"{_NUMERAL}○十百廿卅"

_PARTS = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_ROC_COMPACT = re.compile(r"(\d{2,3})(\d{2})(\d{2})", re.ASCII)
_CHINESE = re.compile(
    rf"([\d{_NUMERALS}]{{1,5}}|元) ?年 ?([\d{_NUMERALS}]{{1,3}}) ?月 ?([\d{_NUMERALS}]{{1,3}}) ?[日號号]?", re.ASCII
)
_ROC_PREFIX = re.compile(
    rf"(?:中華民國|中华民国|民國|民国|R\.?O\.?C\.?|民(?=[前元 \d{_NUMERALS}]))(前?) ?", re.IGNORECASE
)
_WEEKDAY = re.compile(r",? ?(?:(?:星期|週|周|禮拜|礼拜)[一二三四五六日天]|\((?:星期|週|周)?[一二三四五六日天]\))$")
_ENGLISH_WEEKDAY = re.compile(r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?[,.]? ", re.IGNORECASE)
_NAMED = re.compile(
    r"(?:(?P<d1>\d{1,2})(?:st|nd|rd|th)?[ -]?(?P<m1>[a-z]{3,9})[.,]?[ -]?(?P<y1>\d{4}|\d{2})"
    r"|(?P<m2>[a-z]{3,9})\.?[ -](?P<d2>\d{1,2})(?:st|nd|rd|th)?,?[ -](?P<y2>\d{4}|\d{2})"
    r"|(?P<y3>\d{4})[ -](?P<m3>[a-z]{3,9})\.?[ -](?P<d3>\d{1,2}))",
    re.ASCII | re.IGNORECASE,
)

FIRST_OR_LAST = re.compile(r"(?:0001(?P<a>[-/.]?)01(?P=a)01|9999(?P<b>[-/.]?)12(?P=b)3[01])(?!\d)", re.ASCII)
"""The first and the last day that programs know, which is how they leave a field empty; no year 1 of the Republic."""


class ImpossibleDayError(Exception):
    """The text has the shape of a date that no calendar has."""


class AmbiguousDayError(Exception):
    """The text may be more than one date and no option says which."""


class Reading(NamedTuple):
    """How a source writes its days; see `reading`."""

    order: str | None = None
    roc: bool = False
    excel: int | None = None
    pivot: int | None = None

    def day(self, text: str) -> date | None:
        """The day that a cleaned text means, None when it has no date's shape.

        Raises ImpossibleDayError and AmbiguousDayError.
        """
        text = _WEEKDAY.sub("", text)
        if prefix := _ROC_PREFIX.match(text):
            return self._of_republic(text[prefix.end() :], before=bool(prefix[1]))
        if match := _PARTS.fullmatch(text):
            return self._of_parts(match[1], match[3], match[4])
        if match := _CHINESE.fullmatch(text):
            return self._chinese(match)
        if match := _COMPACT.fullmatch(text):
            return _calendar(self._full(match[1]), match[2], match[3])
        if self.roc and (match := _ROC_COMPACT.fullmatch(text)):
            return _calendar(_republican(int(match[1])), match[2], match[3])
        if match := _NAMED.fullmatch(_ENGLISH_WEEKDAY.sub("", text, count=1)):
            return self._named(match)
        return None

    def serial(self, text: str) -> date | None:
        """The day of an Excel serial without decimals; None when it is none, or no serials were declared."""
        if self.excel is None or not (text.isascii() and text.isdigit() and len(text) <= 7):
            return None
        if self.excel == 1900 and int(text) < FIRST_TRUE_SERIAL:
            raise ImpossibleDayError
        try:
            return (EXCEL_ZERO if self.excel == 1900 else EXCEL_1904_ZERO) + timedelta(days=int(text))
        except OverflowError:
            raise ImpossibleDayError from None

    def _of_republic(self, text: str, before: bool) -> date | None:
        """A day with the era written in front of it."""
        year_of = _before_republic if before else _republican
        if match := _PARTS.fullmatch(text):
            if len(match[4]) > 2:
                return None
            return _calendar(year_of(int(match[1])), match[3], match[4])
        if match := _CHINESE.fullmatch(text):
            month, day = _number(match[2]), _number(match[3])
            return _calendar(year_of(1 if match[1] == "元" else _number(match[1])), month, day)
        if match := _ROC_COMPACT.fullmatch(text):
            return _calendar(year_of(int(match[1])), match[2], match[3])
        return None

    def _of_parts(self, first: str, second: str, third: str) -> date | None:
        """Three numbers with the same mark between them."""
        if len(first) == 4:
            return _calendar(self._full(first), second, third) if len(third) <= 2 else None
        if len(third) == 4:
            return self._year_last(int(first), int(second), int(third)) if len(first) <= 2 else None
        if len(third) > 2:
            return None
        if self.roc:
            return _calendar(_republican(int(first)), second, third)
        if self.order is None or self.pivot is None or len(first) > 2:
            raise AmbiguousDayError
        if self.order == "year":
            return _calendar(self._century(first), second, third) if len(first) == 2 else None
        return self._year_last(int(first), int(second), self._century(third)) if len(third) == 2 else None

    def _year_last(self, first: int, second: int, year: int) -> date:
        order = self.order
        if order in (None, "year"):
            if first != second and first <= 12 and second <= 12:
                raise AmbiguousDayError
            order = "month" if second > 12 else "day"
        return _calendar(year, first, second) if order == "month" else _calendar(year, second, first)

    def _chinese(self, match: re.Match[str]) -> date:
        month, day = _number(match[2]), _number(match[3])
        if match[1] == "元":
            return _calendar(_republican(1), month, day)
        year = _number(match[1])
        if len(match[1]) == 4 and year >= 1000:
            return _calendar(year, month, day)
        if self.roc:
            return _calendar(_republican(year), month, day)
        if self.pivot is None or len(match[1]) != 2 or not match[1].translate(_DIGITS).isdigit():
            raise AmbiguousDayError
        return _calendar(self._century(match[1].translate(_DIGITS)), month, day)

    def _named(self, match: re.Match[str]) -> date | None:
        found = match.groupdict()
        year, month, day = (found[f"{part}1"] or found[f"{part}2"] or found[f"{part}3"] for part in "ymd")
        if (number := MONTHS.get(month.lower())) is None:
            return None
        if len(year) == 4:
            return _calendar(int(year), number, day)
        if self.pivot is None:
            raise AmbiguousDayError
        return _calendar(self._century(year), number, day)

    def _full(self, year: str) -> int:
        """A year of four digits, which a form may have filled up with zeros before one of the Republic."""
        return _republican(int(year)) if self.roc and int(year) < 1000 else int(year)

    def _century(self, year: str) -> int:
        """A year of two digits: below the pivot it is one of 2000 to 2099, from it on one of 1900 to 1999."""
        assert self.pivot is not None
        return int(year) + (2000 if int(year) < self.pivot else 1900)


def reading(order: Any = None, roc: Any = False, excel: Any = False, pivot: Any = None) -> Reading:
    """The reading that options ask for. Raises ValueError for what they cannot be."""
    if order not in (None, "day", "month", "year"):
        raise ValueError("the order of a date is `day`, `month` or `year`: what comes first")
    if excel not in (False, True, 1900, 1904):
        raise ValueError("excel is true (serials that count from 1900) or 1904")
    if pivot is not None and (not isinstance(pivot, int) or not 0 <= pivot <= 100):
        raise ValueError("the pivot of two-digit years is a number from 0 to 100")
    if pivot is not None and roc:
        raise ValueError("a year of two digits is one of the Republic (roc) or of a century (pivot), not both")
    return Reading(order, bool(roc), {False: None, True: 1900}.get(excel, excel), pivot)


def _republican(year: int) -> int:
    """The common year of a year of the Republic, of which there is no year 0 and as yet none of four digits."""
    if not 1 <= year <= 999:
        raise ImpossibleDayError
    return ROC_OFFSET + year


def _before_republic(year: int) -> int:
    """The common year of a year counted back from the Republic: 民前 1 is 1911."""
    return 2 * ROC_OFFSET + 1 - _republican(year)


def _number(text: str) -> int:
    """A number in digits or Chinese numerals: `二〇二六`, `七十九`, `一百零五`, `廿三`, `12`."""
    digits = text.translate(_DIGITS)
    if digits.isascii() and digits.isdigit():
        return int(digits)
    total, last, hundreds, rest = 0, 0, "百" in text, text
    if hundreds:
        before, _, rest = text.partition("百")
        total = 100 * _one(before)
        rest = rest.lstrip("零〇○")
    for tens, count in _TENS.items():
        if tens in rest:
            before, _, after = rest.partition(tens)
            last = (_one(before) if before else 1) * 10 if tens == "十" else count * 10
            if before and tens != "十":
                raise ImpossibleDayError
            return total + last + (_one(after) if after else 0)
    return total + (_one(rest) if rest else 0)


def _one(text: str) -> int:
    """A single digit from 1 to 9."""
    digit = text.translate(_DIGITS)
    if len(digit) != 1 or digit not in "123456789":
        raise ImpossibleDayError
    return int(digit)


def _calendar(year: int, month: str | int, day: str | int) -> date:
    try:
        return date(year, int(month), int(day))
    except ValueError:
        raise ImpossibleDayError from None
