"""Text: any text, cleaned and otherwise left alone."""

from __future__ import annotations

from customer_warehouse.standardise.characters import MAX_RAW, clean
from customer_warehouse.standardise.value import MISSING, Value, rejected


def standardise(raw: str | None) -> Value:
    """The text in NFKC without invisible characters, with single spaces.

    Rejects: `too_long` (more than 5,000 characters).
    """
    text = clean(raw)
    if text is None:
        return MISSING
    return Value(text) if len(text) <= MAX_RAW else rejected("too_long")
