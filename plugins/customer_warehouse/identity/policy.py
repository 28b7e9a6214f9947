"""What identity believes: the rules, caps and thresholds of one run, as one value."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import duckdb

from customer_warehouse.identity.rules import RULES, Rule


class Model(Protocol):
    """A trained model of scoring, as far as the rest needs to know it."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the model would score any pair otherwise."""
        ...


@dataclass(frozen=True)
class Policy:
    """Everything beside the records that decides who is whom."""

    rules: tuple[Rule, ...] = RULES
    link_threshold: float = 0.95
    """Pairs at least this probable are linked."""
    review_threshold: float = 0.75
    """Pairs at least this probable, and not linked, are put to people."""
    model: Model | None = None
    """The model of scoring; None leaves it at the rules."""

    @cached_property
    def fingerprint(self) -> str:
        """Changes whenever the policy could give another answer for the same records."""
        model = None if self.model is None else self.model.fingerprint
        told = (self.rules, self.link_threshold, self.review_threshold, model, duckdb.__version__)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
