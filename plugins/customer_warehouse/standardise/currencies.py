"""Currencies: ISO 4217 codes, and what people write instead of them."""

from __future__ import annotations

from functools import lru_cache

import pycountry

from customer_warehouse.standardise.characters import clean
from customer_warehouse.standardise.reference import read


@lru_cache(maxsize=1)
def codes() -> frozenset[str]:
    """Every code of ISO 4217 that is in use."""
    return frozenset(currency.alpha_3 for currency in pycountry.currencies)


@lru_cache(maxsize=1)
def marks() -> dict[str, frozenset[str]]:
    """What may stand beside an amount, cleaned and in upper case, and the currencies that it may mean.

    Raises ValueError when the word list names a currency that is none.
    """
    known = {code: frozenset([code]) for code in codes()}
    for mark, meant in read("currencies").items():
        if unknown := set(meant) - codes():
            raise ValueError(f"data/currencies.yml: {sorted(unknown)} are no codes of ISO 4217")
        known[(clean(mark) or "").upper()] = frozenset(meant)
    return known
