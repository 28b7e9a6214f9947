"""Codes: one of a few known values, such as a gender, a country or a status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from customer_warehouse.standardise import code_lists
from customer_warehouse.standardise.characters import clean
from customer_warehouse.standardise.reference import fold, is_placeholder
from customer_warehouse.standardise.value import MISSING, Value, rejected

REJECTED = object()
"""What `otherwise` is when a declaration says nothing: an unmapped code is rejected."""

Pairs = tuple[tuple[Any, Any], ...]


def standardise(
    raw: str | None,
    *,
    list: str | None = None,
    map: Mapping[Any, Any] | None = None,
    values: Iterable[Any] | None = None,
    otherwise: Any = REJECTED,
) -> Value:
    """The standard value that `map` has for the source's value, else the shared code list `list`, else `values`.

    Case, spaces around, and traditional or simplified characters do not count. A source value that is mapped to null
    says nothing and is a missing value. `values` narrows a list down. `otherwise` is what any other code becomes (null:
    a missing value); without it, it is rejected.
    Rejects: `unmapped_code`; `placeholder` for what says nothing in any column, such as N/A.
    Raises ValueError without `list`, `map` and `values`, for a list that is none, or when a code leads out of the
    values.
    """
    if map is not None and not isinstance(map, Mapping):
        raise ValueError("`map` leads from each of the source's words to a standard one")
    known = _known(list, tuple((map or {}).items()), tuple(values or ()), otherwise)
    text = clean(raw)
    if text is None:
        return MISSING
    if (folded := fold(text)) in known:
        value = known[folded]
    elif otherwise is not REJECTED:
        value = None if otherwise is None else _text(otherwise)
    else:
        return rejected("placeholder" if is_placeholder(text) else "unmapped_code")
    return MISSING if value is None else Value(value)


@lru_cache
def _known(name: str | None, pairs: Pairs, values: tuple[Any, ...], otherwise: Any) -> dict[str, str | None]:
    """Every source value that has a standard value, folded."""
    listed = {} if name is None else code_lists.words(name)
    standard = {_text(value) for value in values} or set(code_lists.values(name) if name else ())
    known = {word: value for word, value in listed.items() if value is None or value in standard}
    known |= {fold(value): value for value in standard}
    for source, target in (*pairs, (None, None if otherwise is REJECTED else otherwise)):
        value = None if target is None else _text(target)
        if standard and value is not None and value not in standard:
            raise ValueError(f"the code map leads to {value!r}, which is not one of the column's values")
        if source is not None:
            known[fold(clean(_text(source)) or "")] = value
    if not known:
        raise ValueError("a code needs `list`, `map` or `values`")
    return known


def _text(value: Any) -> str:
    """A value of the declaration as text; YAML reads an unquoted `true` or `no` as a boolean."""
    return str(value).lower() if isinstance(value, bool) else str(value)
