"""The brand's clock: whole seconds since 1970, and the local time of its stores (UTC+8, no clock change)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache

DAY = 86_400
HOUR = 3_600
YEAR = 365.25 * DAY
EPOCH_DATE = date(2024, 11, 1)
OFFSET = 8 * HOUR
EPOCH = int(datetime(2024, 11, 1, tzinfo=UTC).timestamp()) - OFFSET
"""The brand's first moment: nothing happened before."""
_MINUTES = [f"{minute // 60:02d}:{minute % 60:02d}:" for minute in range(24 * 60)]
_SECONDS = [f"{second:02d}" for second in range(60)]


def end_of(day: date) -> int:
    """The first second after the business day."""
    return EPOCH + ((day - EPOCH_DATE).days + 1) * DAY


def day_index(moment: int) -> int:
    """The business day of the moment, counted from the brand's first day."""
    return (moment - EPOCH) // DAY


@cache
def day_text(index: int) -> str:
    """The day of this index as `2026-11-21`."""
    return (EPOCH_DATE + timedelta(days=index)).isoformat()


def local_text(moment: int) -> str:
    """`2026-11-21 13:05:22`, as the tills write it."""
    index, rest = divmod(moment - EPOCH, DAY)
    return f"{day_text(index)} {_MINUTES[rest // 60]}{_SECONDS[rest % 60]}"


def iso_text(moment: int) -> str:
    """`2026-11-21T13:05:22+08:00`, as the shop writes it."""
    index, rest = divmod(moment - EPOCH, DAY)
    return f"{day_text(index)}T{_MINUTES[rest // 60]}{_SECONDS[rest % 60]}+08:00"
