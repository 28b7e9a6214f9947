"""What is usual: a band around the median of earlier nights, wide enough that an ordinary night lies in it.

The half width is the largest of four: `SPREAD` times the median absolute deviation (scaled by 1.4826, which makes it
the standard deviation of normal noise; Rousseeuw and Croux, 1993), the two tolerances that the check declares, and, for
counts and shares, `NOISE` times the noise of counting: the square root of a count, or that of a binomial share.
Median and deviation bear a few bad nights, so a night that warned may teach; one that failed may not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from statistics import median

from customer_warehouse.quality.expectation_files import Measure

WEEKDAY_DAYS = 63
"""How far back nights of the same weekday teach: nine weeks. A season moves slower than that."""
NIGHTS_DAYS = 28
"""How far back nights of any weekday teach."""
ENOUGH_WEEKDAYS = 5
ENOUGH_NIGHTS = 7
"""A whole week, so that no weekday is new. Fewer are no baseline."""
SPREAD = 4.0
NOISE = 4.0
SCALE = 1.4826


@dataclass(frozen=True)
class Past:
    """What an earlier night measured."""

    night: date
    observed: float


@dataclass(frozen=True)
class Band:
    """The usual range; None is an open side."""

    low: float | None
    high: float | None
    nights: int
    """How many earlier nights it is learned from."""

    def holds(self, observed: float) -> bool:
        """Whether the number is usual."""
        return (self.low is None or observed >= self.low) and (self.high is None or observed <= self.high)


def band_of(measure: Measure, night: date, past: Sequence[Past], whole: float | None = None) -> Band | None:
    """The usual range of a measure for `night`, or None when too few nights are known.

    `past` are earlier nights in any order; `whole` is what a share of tonight is a share of.
    """
    same = [p.observed for p in past if _teaches(p.night, night, WEEKDAY_DAYS) and p.night.weekday() == night.weekday()]
    recent = [p.observed for p in past if _teaches(p.night, night, NIGHTS_DAYS)]
    if measure.compare == "weekday" and len(same) >= ENOUGH_WEEKDAYS:
        return _around(measure, same, same[:0], whole)
    if len(recent) >= ENOUGH_NIGHTS:
        # Not enough of this weekday yet: every day of a week is in the band, or each first Saturday would be an alarm.
        return _around(measure, recent, recent if measure.compare == "weekday" else recent[:0], whole)
    return None


def _teaches(past: date, night: date, days: int) -> bool:
    return night - timedelta(days=days) <= past < night


def _around(measure: Measure, values: Sequence[float], within: Sequence[float], whole: float | None) -> Band:
    """The band around the median of `values` that also takes in all of `within`."""
    middle = median(values)
    deviation = median(abs(value - middle) for value in values)
    half = max(
        SPREAD * SCALE * deviation,
        (measure.tolerance or 0) * abs(middle),
        measure.at_least or 0,
        NOISE * _noise(measure, middle, whole),
    )
    low, high = min([middle, *within]) - half, max([middle, *within]) + half
    return Band(
        None if measure.alarm == "high" else low,
        None if measure.alarm == "low" else high,
        len(values),
    )


def _noise(measure: Measure, middle: float, whole: float | None) -> float:
    """One standard deviation of counting that many."""
    if measure.kind == "count":
        return sqrt(max(middle, 1))
    if measure.kind in ("share", "distribution") and whole:
        # A share of 0 or 1 has no noise by the formula, but one more row would be no surprise.
        share = min(max(middle, 0.5 / whole), 1 - 0.5 / whole)
        return sqrt(max(share * (1 - share), 0) / whole)
    return 0.0
