"""A night: one business day to be brought into the warehouse, and the run that does it.

Time is an argument everywhere: no stage asks the clock what day it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Night:
    """One business day and the run that loads it."""

    date: date
    """The business day the run brings in."""
    as_of: datetime
    """The end of that day, as an aware UTC time. The night knows nothing that happened at or after it."""
    run_id: str
    """The run in `ops.runs`; the same night run again has the same run id."""

    @property
    def start(self) -> datetime:
        """The start of the day in UTC, for a zone without a clock change that day; windows use watermarks instead."""
        return self.as_of - timedelta(days=1)


def night_of(day: date, time_zone: str, run_id: str | None = None) -> Night:
    """The night of the business day `day` in the IANA zone `time_zone`."""
    midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=ZoneInfo(time_zone))
    return Night(day, midnight.astimezone(UTC), run_id or f"night__{day.isoformat()}")


def last_complete_night(moment: datetime, time_zone: str, run_id: str | None = None) -> Night:
    """The last night that had ended at `moment` (an aware time): what a run started then brings in."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be placed in a business day")
    return night_of(moment.astimezone(ZoneInfo(time_zone)).date() - timedelta(days=1), time_zone, run_id)
