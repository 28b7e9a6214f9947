"""What is usual: a band around the median of earlier nights, wide enough that an ordinary night lies in it.

The middle is the median of the nights of the same weekday, or of all nights. The width is the largest of three:
`SPREAD` times the median absolute deviation of all nights from the middle of their own weekday (scaled by 1.4826, which
makes it the standard deviation of normal noise; Rousseeuw and Croux, 1993); `NOISE` times the noise of counting; and
the tolerances that the check declares. Counts are judged by their square roots, where the noise of counting is 1/2
however much is counted (Anscombe, 1948), so that nothing at all is unusual where little is usual.

Medians bear a few bad nights, so a night that warned may teach; one that failed may not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from statistics import median

from customer_warehouse.quality.expectation_files import Measure

WEEKDAY_DAYS = 63
"""How far back nights teach that are compared by weekday: nine weeks. A season moves slower than that."""
NIGHTS_DAYS = 28
"""How far back nights of any weekday teach."""
ENOUGH_WEEKDAYS = 5
ENOUGH_NIGHTS = 7
"""A whole week, so that no weekday is new. Fewer are no baseline."""
SPREAD = 4.5
NOISE = 4.5
SCALE = 1.4826
MEDIAN_ERROR = 1.57
"""The variance of a median of n values is about this (pi/2) times that of a mean."""


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
    to_unit = _root if measure.kind == "count" else float
    known = [one for one in past if night - timedelta(days=WEEKDAY_DAYS) <= one.night < night]
    recent = [one.observed for one in known if one.night >= night - timedelta(days=NIGHTS_DAYS)]
    by_weekday: dict[int, list[float]] = defaultdict(list)
    for one in known:
        by_weekday[one.night.weekday()].append(one.observed)
    same = by_weekday[night.weekday()]
    if measure.compare == "weekday" and len(same) >= ENOUGH_WEEKDAYS:
        middle, within, nights = median(same), [], len(same)
        middles = {weekday: to_unit(median(values)) for weekday, values in by_weekday.items() if len(values) >= 3}
        residuals = [to_unit(value) - m for weekday, m in middles.items() for value in by_weekday[weekday]]
    elif len(recent) >= ENOUGH_NIGHTS:
        middle, nights = median(recent), len(recent)
        # Not enough of this weekday yet: every day of a week is usual, or each first Saturday would be an alarm.
        within = recent if measure.compare == "weekday" else []
        residuals = [to_unit(value) - to_unit(middle) for value in recent]
    else:
        return None
    deviation = SCALE * median(abs(residual) for residual in residuals) * sqrt(1 + MEDIAN_ERROR / nights)
    half = max(SPREAD * deviation, NOISE * _noise(measure, middle, whole))
    fine = max((measure.tolerance or 0) * abs(middle), measure.at_least or 0)
    if measure.kind == "count":
        low, high = max(_root(middle) - half, 0.0) ** 2, (_root(middle) + half) ** 2
    else:
        low, high = middle - half, middle + half
    down, up = max(middle - low, fine), max(high - middle, fine)
    return Band(
        None if measure.alarm == "high" else min([middle, *within]) - down,
        None if measure.alarm == "low" else max([middle, *within]) + up,
        nights,
    )


def _root(count: float) -> float:
    return sqrt(max(count, 0.0))


def _noise(measure: Measure, middle: float, whole: float | None) -> float:
    """One standard deviation of counting; of counts that of their square root."""
    if measure.kind == "count":
        return 0.5
    if measure.kind in ("share", "distribution") and whole:
        # A share of 0 or 1 has no noise by the formula, but one more row would be no surprise.
        share = min(max(middle, 0.5 / whole), 1 - 0.5 / whole)
        return sqrt(max(share * (1 - share), 0) / whole)
    return 0.0
