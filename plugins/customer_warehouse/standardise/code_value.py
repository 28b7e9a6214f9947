"""Codes: one of a few known values, such as a gender, a country or a status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from customer_warehouse.standardise.characters import clean
from customer_warehouse.standardise.value import MISSING, Value, rejected

Pairs = tuple[tuple[Any, Any], ...]


def standardise(raw: str | None, *, map: Mapping[Any, Any] | None = None, values: Iterable[Any] | None = None) -> Value:
    """The standard value that `map` has for the source's value, or the one of `values` that it is already.

    Case and spaces around do not count. A source value that is mapped to null says nothing and is a missing value.
    Rejects: `unmapped_code`. Raises ValueError without `map` and `values`, or when `map` leads out of `values`.
    """
    known = _known(tuple((map or {}).items()), tuple(values or ()))
    text = clean(raw)
    if text is None:
        return MISSING
    try:
        value = known[text.casefold()]
    except KeyError:
        return rejected("unmapped_code")
    return MISSING if value is None else Value(value)


@lru_cache
def _known(pairs: Pairs, values: tuple[Any, ...]) -> dict[str, str | None]:
    """Every source value that has a standard value, case-folded."""
    standard = {_text(value) for value in values}
    known: dict[str, str | None] = {value.casefold(): value for value in standard}
    for source, target in pairs:
        value = None if target is None else _text(target)
        if standard and value is not None and value not in standard:
            raise ValueError(f"the code map leads to {value!r}, which is not one of the column's values")
        known[(clean(_text(source)) or "").casefold()] = value
    if not known:
        raise ValueError("a code needs `map` or `values`")
    return known


def _text(value: Any) -> str:
    """A value of the declaration as text; YAML reads an unquoted `true` or `no` as a boolean."""
    return str(value).lower() if isinstance(value, bool) else str(value)
