"""What identity believes: the rules, caps and thresholds of one run, as one value."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import cached_property

import duckdb

from customer_warehouse.identity.bypass import Bypass, load_bypass
from customer_warehouse.identity.model import Model, load_model
from customer_warehouse.identity.rules import BOOK, Rule, RuleBook


@dataclass(frozen=True)
class Policy:
    """Everything beside the records that decides who is whom."""

    rules: tuple[Rule, ...] = BOOK.rules
    link_threshold: float = BOOK.thresholds.link
    """Pairs at least this probable are linked."""
    review_threshold: float = BOOK.thresholds.review
    """Pairs at least this probable, and not linked, are put to people."""
    book: RuleBook = BOOK
    """What else `rules.yml` declares: strengths, unique identifiers, caps."""
    bypass: tuple[Bypass, ...] = field(default_factory=load_bypass)
    """Values that say nothing about anybody, as of the night."""
    model: Model | None = field(default_factory=load_model)
    """The model of scoring; None leaves it at the rules."""

    @classmethod
    def of(cls, book: RuleBook, bypass: tuple[Bypass, ...] = (), model: Model | None = None) -> Policy:
        """The policy of other declarations than the shipped ones."""
        return cls(book.rules, book.thresholds.link, book.thresholds.review, book, bypass, model)

    @cached_property
    def fingerprint(self) -> str:
        """Changes whenever the policy could give another answer for the same records."""
        told = {
            "rules": [asdict(rule) for rule in self.rules],
            "thresholds": (self.link_threshold, self.review_threshold),
            "book": asdict(self.book),
            "bypass": [(row.column, row.value) for row in self.bypass],
            "model": None if self.model is None else self.model.fingerprint,
            "duckdb": duckdb.__version__,
        }
        # Sets come in another order in every process.
        return hashlib.sha256(json.dumps(told, default=sorted).encode()).hexdigest()[:16]
