"""What a destination is: a place that takes the list of a segment, whole and as often as it likes.

A new destination is one module with a class that has a `name` and `deliver`. Delivering the same list twice must leave
the destination as delivering it once: that is what makes a night safe to run again after it was killed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from customer_warehouse.activation.plan import Plan
from customer_warehouse.activation.segments import ChannelName
from customer_warehouse.night import Night


class Recipient(NamedTuple):
    """One customer on a list. Holds personal data: it goes to the destination and nowhere else."""

    customer_id: str
    full_name: str | None
    reason: str | None
    addresses: dict[ChannelName, str]
    """The address of each channel that may be used, and of no other."""


@dataclass(frozen=True)
class Delivery:
    """One segment's list of one night, in the order of customer ids. `recipients` can be read once."""

    night: Night
    plan: Plan
    recipients: Iterable[Recipient]


@dataclass(frozen=True)
class Receipt:
    """What the destination has now."""

    rows: int
    sha256: str
    """Of the list's content."""
    changed: bool
    """False when it had exactly this list already."""
    file: str | None = None
    """Where the list is, when the destination keeps files; relative to its folder."""


class Destination(Protocol):
    """A place to send segment lists to."""

    @property
    def name(self) -> str:
        """One word, as the ledger shows it."""
        ...

    def deliver(self, delivery: Delivery) -> Receipt:
        """Make the destination's list of this segment and night exactly `delivery`; returns what it has then.

        Raises StageError when the destination does not take it.
        """
        ...
