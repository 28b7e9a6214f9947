"""Shared code lists: what sources write for a gender, a country or a status, and the standard value it means.

The lists are data, in `data/codes.yml`. Those of countries and currencies are ISO's, from pycountry, with ISO's names
in English and Chinese; the file only adds what people write beside them.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from functools import lru_cache

import pycountry

from customer_warehouse.standardise import currencies
from customer_warehouse.standardise.characters import clean
from customer_warehouse.standardise.reference import fold, read

CHINESE = ("zh_TW", "zh_HK", "zh_CN")
"""The translations of ISO's country names that are known, the first one winning where they differ."""

Words = dict[str, str | None]


def names() -> list[str]:
    """The names of all lists."""
    return list(read("codes"))


@lru_cache
def words(name: str) -> Words:
    """Every word of the list, folded, with the standard value it means; None for one that says nothing.

    Raises ValueError for a list that is none, and when two standard values claim a word.
    """
    if name not in names():
        raise ValueError(f"there is no code list {name!r}; the lists are {', '.join(names())}")
    found: Words = {}
    for word, value in _entries(name):
        folded = fold(clean(word) or "")
        if found.setdefault(folded, value) != value:
            raise ValueError(f"data/codes.yml: {word!r} of {name} means both {found[folded]!r} and {value!r}")
    for word, value in _names(name):  # ISO's names of two countries may be one word in Chinese: the first is meant
        found.setdefault(fold(clean(word) or ""), value)
    return found


def values(name: str) -> list[str]:
    """The standard values of the list, in its order. Raises ValueError as `words` does."""
    return list(dict.fromkeys(value for value in words(name).values() if value is not None))


def _entries(name: str) -> Iterator[tuple[str, str | None]]:
    """What decides: the standard values themselves, ISO's codes, and the words of the file."""
    if name == "country":
        for country in pycountry.countries:
            yield from ((code, country.alpha_2) for code in (country.alpha_2, country.alpha_3))
    if name == "currency":
        yield from ((code, code) for code in sorted(currencies.codes()))
        yield from ((mark, min(meant)) for mark, meant in currencies.marks().items() if len(meant) == 1)
    for value, listed in read("codes")[name].items():
        if value is not None:
            yield value, value
        yield from ((word, value) for word in listed)


def _names(name: str) -> Iterator[tuple[str, str]]:
    """The names of ISO 3166 countries, in English and Chinese."""
    if name != "country":
        return
    for kind in ("name", "common_name", "official_name"):
        yield from ((getattr(c, kind), c.alpha_2) for c in pycountry.countries if getattr(c, kind, None))
    for language in CHINESE:
        translate = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language]).gettext
        yield from ((translate(country.name), country.alpha_2) for country in pycountry.countries)
