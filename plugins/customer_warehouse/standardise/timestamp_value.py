"""Timestamps: a moment, always answered as an aware UTC time in microseconds."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from customer_warehouse.standardise.characters import clean
from customer_warehouse.standardise.day_reading import (
    FIRST_OR_LAST,
    AmbiguousDayError,
    ImpossibleDayError,
    Reading,
    reading,
)
from customer_warehouse.standardise.reference import is_placeholder
from customer_warehouse.standardise.value import MISSING, Value, rejected

MAX_LENGTH = 60
EPOCHS = {"seconds": 1, "milliseconds": 1_000}
FIRST_COUNTED = 100_000_000
"""Seconds of the epoch (March 1973) before which a count is taken for one in another unit."""

_HALF_DAY = r"上午|下午|AM|PM|A\.M\.|P\.M\."
_OFFSET = r"Z|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?|UTC|GMT"
_ISO = re.compile(
    r"(?P<year>\d{4})(?P<mark>[-/.]?)(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
    rf"(?:(?:T| T?)\s*(?P<before>{_HALF_DAY})?\s*(?P<hour>\d{{1,2}})(?::?(?P<minute>\d{{2}})"
    r"(?::?(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    rf"\s*(?P<after>{_HALF_DAY})?)?"
    rf"\s*(?P<offset>{_OFFSET})?",
    re.ASCII | re.IGNORECASE,
)
_TIME = re.compile(
    rf"(?:(?<=\d)T|,? |(?<=[日號号年])) ?(?P<before>{_HALF_DAY})? ?(?P<hour>\d{{1,2}})"
    r"(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"| ?[時时點点] ?(?:(?P<minute2>\d{1,2}) ?分? ?(?:(?P<second2>\d{1,2}) ?秒)?)?)"
    rf" ?(?P<after>{_HALF_DAY})? ?(?P<offset>{_OFFSET})?(?: \([^()]*\))?(?P<year> \d{{4}})?$",
    re.ASCII | re.IGNORECASE,
)
_COUNT = re.compile(r"(\d{1,20})(?:\.(\d{1,20}))?", re.ASCII)


def standardise(
    raw: str | None,
    *,
    time_zone: str | None = None,
    format: str | None = None,
    order: str | None = None,
    roc: bool = False,
    excel: bool | int = False,
    pivot: int | None = None,
    epoch: str | None = None,
) -> Value:
    """The moment in UTC.

    A text with an offset says its moment itself; one without is local time in `time_zone` (an IANA name), and is
    rejected when no zone is declared. ISO needs no option, nor do Chinese and English dates; `order`, `roc`, `excel`
    and `pivot` are those of a date, the decimals of an Excel serial being its time of day. `epoch` (`seconds` or
    `milliseconds`) reads numbers as counted from 1970; one that would lie before March 1973 is in another unit.
    `format` is a strptime format and is then the only one read. A date alone means its midnight. Digits beyond
    microseconds are cut off.

    Local times that a clock change makes doubtful are decided, never guessed anew: a time that happens twice is the
    first of the two (flag `ambiguous_local_time`), and one that is skipped is read with the offset from before the
    change, 02:30 becomes 03:30 (flag `skipped_local_time`).
    Rejects: `not_a_timestamp`, `impossible_timestamp`, `ambiguous_date`, `no_time_zone`, `placeholder`.
    Raises ValueError for options that cannot be.
    """
    days = _reading(order, roc, excel, pivot, epoch)
    zone = None if time_zone is None else _zone(time_zone)
    text = clean(raw)
    if text is None:
        return MISSING
    if len(text) > MAX_LENGTH:
        return rejected("not_a_timestamp")
    if is_placeholder(text) or not text.strip("0-/. :TZ") or FIRST_OR_LAST.match(text):
        return rejected("placeholder")
    try:
        if format is not None:
            moment: datetime | None = datetime.strptime(text, format)  # noqa: DTZ007 - placed below
        else:
            moment = _parse(text, days, epoch)
    except AmbiguousDayError:
        return rejected("ambiguous_date")
    except (ValueError, OverflowError, ImpossibleDayError):
        return rejected("impossible_timestamp" if format is None else "not_a_timestamp")
    if moment is None:
        return rejected("not_a_timestamp")
    flags: tuple[str, ...] = ()
    if moment.tzinfo is None:
        if zone is None:
            return rejected("no_time_zone")
        moment = moment.replace(tzinfo=zone)
        flags = _doubts(moment)
    try:
        return Value(moment.astimezone(UTC), flags=flags)
    except (OverflowError, ValueError):
        return rejected("impossible_timestamp")


def _doubts(local: datetime) -> tuple[str, ...]:
    """What a clock change makes of a local time, by PEP 495: the two folds differ only beside a change."""
    first, second = local.utcoffset(), local.replace(fold=1).utcoffset()
    if first == second or first is None or second is None:
        return ()
    return ("ambiguous_local_time",) if first > second else ("skipped_local_time",)


def _parse(text: str, days: Reading, epoch: str | None) -> datetime | None:
    """The time as written, naive when it has no offset; None when the text has no time's shape.

    Raises ValueError and the errors of `Reading.day` for a shape that no clock or calendar has.
    """
    if epoch is not None and (match := _COUNT.fullmatch(text)):
        return _counted(match, EPOCHS[epoch])
    match = _ISO.fullmatch(text)
    if match is not None and (match["mark"] or len(match["month"]) == len(match["day"]) == 2):
        if days.roc and int(match["year"]) < 1000:
            return None if match["mark"] == "" else _written(text, days)
        return _placed(date(int(match["year"]), int(match["month"]), int(match["day"])), match)
    return _written(text, days)


def _written(text: str, days: Reading) -> datetime | None:
    """A day in any writing with a time behind it, a day alone, or an Excel serial with its fraction of a day."""
    match = _TIME.search(text)
    if match is None:
        if (found := days.day(text)) is not None:
            return _placed(found, None)
        if (serial := _COUNT.fullmatch(text)) is None or (found := days.serial(serial[1])) is None:
            return None
        milliseconds = Decimal(f"0.{serial[2] or 0}") * 86_400_000
        return _placed(found, None) + timedelta(milliseconds=int(milliseconds.quantize(Decimal(1), ROUND_HALF_UP)))
    found = days.day(text[: match.start()] + (match["year"] or ""))
    return None if found is None else _placed(found, match)


def _placed(day: date, match: re.Match[str] | None) -> datetime:
    """The time of day of a match (midnight without one) on a day, naive when it has no offset."""
    time = {} if match is None else match.groupdict()
    half_day = (time.get("before") or time.get("after") or "").upper()
    hour = int(time.get("hour") or 0)
    if half_day:
        if (time["before"] and time["after"]) or not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if half_day in ("下午", "PM", "P.M.") else 0)
    return datetime(
        day.year,
        day.month,
        day.day,
        hour,
        int(time.get("minute") or time.get("minute2") or 0),
        int(time.get("second") or time.get("second2") or 0),
        int((time.get("fraction") or "0")[:6].ljust(6, "0")),
        tzinfo=_offset(time.get("offset")),
    )


def _counted(match: re.Match[str], units: int) -> datetime:
    """The moment that a count of seconds, or of `units` to a second, since 1970 means."""
    count = int(match[1])
    if count < FIRST_COUNTED * units:
        raise ValueError
    fraction = int((match[2] or "0")[:6].ljust(6, "0"))
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=(count * 1_000_000 + fraction) // units)


def _offset(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    text = text.upper().removeprefix("UTC").removeprefix("GMT")
    if text in ("", "Z"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    if int(digits[2:]) > 59:
        raise ValueError
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-span if text[0] == "-" else span)


@lru_cache
def _reading(order: str | None, roc: bool, excel: bool | int, pivot: int | None, epoch: str | None) -> Reading:
    if epoch not in (None, *EPOCHS):
        raise ValueError("an epoch is counted in `seconds` or `milliseconds`")
    if epoch is not None and excel:
        raise ValueError("a number is a count since 1970 (epoch) or an Excel serial (excel), not both")
    return reading(order, roc, excel, pivot)


@lru_cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not an IANA time zone") from None
