"""Timestamps: a moment, always answered as an aware UTC time in microseconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from customer_warehouse.standardise.characters import clean
from customer_warehouse.standardise.reference import is_placeholder
from customer_warehouse.standardise.value import MISSING, Value, rejected

MAX_LENGTH = 60

_HALF_DAY = r"上午|下午|AM|PM|A\.M\.|P\.M\."
_PATTERN = re.compile(
    r"(?P<year>\d{4})(?P<mark>[-/.]?)(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
    rf"(?:(?:T| T?)\s*(?P<before>{_HALF_DAY})?\s*(?P<hour>\d{{1,2}})(?::?(?P<minute>\d{{2}})"
    r"(?::?(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    rf"\s*(?P<after>{_HALF_DAY})?)?"
    r"\s*(?P<offset>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)


def standardise(raw: str | None, *, time_zone: str | None = None, format: str | None = None) -> Value:
    """The moment in UTC.

    A text with an offset says its moment itself; one without is local time in `time_zone` (an IANA name), and is
    rejected when no zone is declared. `format` is a strptime format and is then the only one read. A date alone means
    its midnight. Digits beyond microseconds are cut off.

    Local times that a clock change makes doubtful are decided, never guessed anew: a time that happens twice is the
    first of the two, and one that is skipped is read with the offset from before the change (02:30 becomes 03:30).
    Rejects: `not_a_timestamp`, `impossible_timestamp`, `no_time_zone`, `placeholder`.
    Raises ValueError when `time_zone` names no zone.
    """
    zone = None if time_zone is None else _zone(time_zone)
    text = clean(raw)
    if text is None:
        return MISSING
    if len(text) > MAX_LENGTH:
        return rejected("not_a_timestamp")
    if is_placeholder(text) or not text.strip("0-/. :TZ"):
        return rejected("placeholder")
    try:
        moment = _parse(text) if format is None else datetime.strptime(text, format)  # noqa: DTZ007 - placed below
    except ValueError:
        return rejected("impossible_timestamp" if format is None else "not_a_timestamp")
    if moment is None:
        return rejected("not_a_timestamp")
    if moment.tzinfo is None:
        if zone is None:
            return rejected("no_time_zone")
        moment = moment.replace(tzinfo=zone)
    try:
        return Value(moment.astimezone(UTC))
    except (OverflowError, ValueError):
        return rejected("impossible_timestamp")


def _parse(text: str) -> datetime | None:
    """The time as written, naive when it has no offset; None when the text has no time's shape.

    Raises ValueError for a shape that no clock or calendar has.
    """
    match = _PATTERN.fullmatch(text)
    if match is None or (not match["mark"] and not (len(match["month"]) == len(match["day"]) == 2)):
        return None
    half_day = (match["before"] or match["after"] or "").upper()
    hour = int(match["hour"] or 0)
    if half_day:
        if (match["before"] and match["after"]) or not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if half_day in ("下午", "PM", "P.M.") else 0)
    return datetime(
        int(match["year"]),
        int(match["month"]),
        int(match["day"]),
        hour,
        int(match["minute"] or 0),
        int(match["second"] or 0),
        int((match["fraction"] or "0")[:6].ljust(6, "0")),
        tzinfo=_offset(match["offset"]),
    )


def _offset(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    if int(digits[2:]) > 59:
        raise ValueError
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-span if text[0] == "-" else span)


@lru_cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not an IANA time zone") from None
