"""What is checked and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from customer_warehouse.database import quoted
from customer_warehouse.quality.expectation_files import Check

BATCH_COLUMN = "batch_id"


@dataclass(frozen=True)
class Target:
    """A table that exists and the checks to make on it."""

    schema: str
    table: str
    checks: tuple[Check, ...]
    batch_id: int | None = None
    """Check only the rows of this batch."""
    has_rows: bool = True
    """Whether the batch has rows; Great Expectations cannot make a batch of none."""

    @property
    def source(self) -> str:
        """What a query selects from."""
        table = quoted(self.schema, self.table)
        return table if self.batch_id is None else f"(select * from {table} where {BATCH_COLUMN} = {self.batch_id:d})"


@dataclass(frozen=True)
class Outcome:
    """The answer to one check."""

    table: str
    check: Check
    passed: bool
    ran: bool = True
    """False when the check itself broke: a column or table it names is not there, or its query is wrong."""

    @property
    def title(self) -> str:
        return f"{self.table} {self.check.name}" + ("" if self.ran else " (could not be made)")
