"""What is checked and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from customer_warehouse.database import quoted
from customer_warehouse.ops.batches import holds_in
from customer_warehouse.quality.expectation_files import Check

Status = Literal["passed", "failed", "no_baseline", "not_made"]
"""no_baseline: too few nights are known to say what is usual. not_made: the check itself broke; a column or table it
names is not there, or its query is wrong."""
BAD: tuple[Status, ...] = ("failed", "not_made")


@dataclass(frozen=True)
class Target:
    """A table that exists and the checks to make on it."""

    schema: str
    table: str
    checks: tuple[Check, ...]
    batch_id: int | None = None
    """Check only the rows of this batch."""
    versions: bool = False
    """Whether the table keeps versions of its rows, each of which may belong to many batches."""
    has_rows: bool = True
    """Whether the batch has rows; Great Expectations cannot make a batch of none."""

    @property
    def name(self) -> str:
        return f"{self.schema}.{self.table}"

    @property
    def source(self) -> str:
        """What a query selects from."""
        table = quoted(self.schema, self.table)
        if self.batch_id is None:
            return table
        return f"(select * from {table} where {holds_in(self.batch_id, self.versions)})"


@dataclass(frozen=True)
class Reading:
    """One number of a measure, beside what is usual."""

    label: str
    """Empty when the measure has only one number."""
    status: Status
    observed: float | None
    low: float | None = None
    high: float | None = None
    nights: int = 0
    """How many earlier nights the band is learned from."""

    @property
    def in_words(self) -> str:
        """The number and its band, for people."""
        if self.observed is None:
            return "no number"
        named = f"{self.label} " if self.label else ""
        if self.status == "no_baseline":
            return f"{named}{self.observed:.5g}, no baseline yet"
        usual = " to ".join("…" if side is None else f"{side:.5g}" for side in (self.low, self.high))
        return f"{named}{self.observed:.5g}, usual {usual} ({self.nights} nights)"


@dataclass(frozen=True)
class Outcome:
    """The answer to one check."""

    table: str
    check: Check
    status: Status
    readings: tuple[Reading, ...] = ()
    """Of a measure: one a label."""

    @property
    def key(self) -> str:
        """The check's name on its table."""
        return f"{self.table} {self.check.name}"

    @property
    def is_bad(self) -> bool:
        return self.status in BAD

    @property
    def worst(self) -> Reading | None:
        """The reading that speaks for the measure: the one farthest outside its band, else the first."""
        return max(self.readings, key=_excess, default=None)

    @property
    def title(self) -> str:
        said = f" ({self.worst.in_words})" if self.worst and self.status == "failed" else ""
        return self.key + (" (could not be made)" if self.status == "not_made" else said)


def _excess(reading: Reading) -> tuple[bool, float]:
    if reading.observed is None:
        return False, 0.0
    low, high = reading.low, reading.high
    outside = max((low if low is not None else reading.observed) - reading.observed, 0.0)
    outside = max(outside, reading.observed - (high if high is not None else reading.observed))
    width = (high - low) / 2 if low is not None and high is not None else 1.0
    return reading.status == "failed", outside / (width or 1.0)
