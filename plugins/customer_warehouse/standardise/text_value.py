"""Text: any text, cleaned and otherwise left alone."""

from __future__ import annotations

from customer_warehouse.standardise.characters import clean
from customer_warehouse.standardise.value import MISSING, Value


def standardise(raw: str | None) -> Value:
    """The text in NFKC without invisible characters, with single spaces. It is never rejected."""
    text = clean(raw)
    return MISSING if text is None else Value(text)
