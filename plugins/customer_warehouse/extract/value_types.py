"""What kind of value a text is: the types that a contract may name, told apart over whole Arrow columns.

A type says how a source writes its values, not what they mean: `2026/1/5` is a date, `05.01.2026` too, 民國 years are
text. A whole number with a leading zero counts as text: the zero is part of it, as in a phone number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Literal, get_args

import pyarrow as pa
import pyarrow.compute as pc

ValueType = Literal["text", "integer", "decimal", "date", "timestamp", "boolean", "json"]
TYPES: tuple[ValueType, ...] = get_args(ValueType)

_DAY = r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})"
_TIME = r"[ T]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?"
_SHAPES: dict[ValueType, str] = {
    "integer": r"^[+-]?\d+$",
    "decimal": r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$",
    "boolean": r"^(?i:true|false|t|f|yes|no|y|n|0|1)$",
    "date": rf"^{_DAY}$",
    "timestamp": rf"^{_DAY}({_TIME}( ?[AaPp][Mm])?( ?(Z|UTC|[+-]\d{{2}}(:?\d{{2}})?))?)?$",
}
_EXACT: tuple[tuple[ValueType, str], ...] = (
    ("integer", r"^[+-]?(0|[1-9]\d*)$"),
    ("decimal", r"^[+-]?(0|[1-9]\d*)?\.\d*([eE][+-]?\d+)?$"),
    ("date", _SHAPES["date"]),
    ("timestamp", _SHAPES["timestamp"]),
    ("boolean", r"^(?i:true|false)$"),
)
"""Tried in turn; what none of them fits is text."""
_WITHIN: dict[ValueType, frozenset[ValueType]] = {
    "text": frozenset(("integer", "decimal", "date", "timestamp", "boolean")),
    "decimal": frozenset(("integer",)),
    "timestamp": frozenset(("date",)),
    "integer": frozenset(),
    "date": frozenset(),
    "boolean": frozenset(),
    "json": frozenset(),
}
"""The narrower types whose values are values of the wider one, too."""


def counted(values: pa.Array) -> dict[ValueType, int]:
    """How many of the given texts (no nulls) are of each type, the narrowest that fits; types without any are left out.

    A nested value is one that is a JSON object or list as a whole.
    """
    counts: dict[ValueType, int] = {}
    inside = nested(values)
    if inside is not None:
        counts["json"] = pc.sum(inside).as_py()
        values = values.filter(pc.invert(inside))
    for name, shape in _EXACT:
        if not len(values):
            return counts
        fits = pc.match_substring_regex(values, shape)
        found = pc.sum(fits).as_py() or 0
        if found:
            counts[name] = found
            values = values.filter(pc.invert(fits))
    if len(values):
        counts["text"] = len(values)
    return counts


def widest(types: Iterable[ValueType]) -> ValueType | None:
    """The narrowest type that takes in all of `types`; None of none."""
    given = set(types)
    if not given:
        return None
    fitting = (kind for kind in TYPES if kind != "text" and given <= {kind} | _WITHIN[kind])
    return next(fitting, "text")


def narrower(one: ValueType, other: ValueType) -> bool:
    """Whether every value of `one` is a value of `other`, and not the reverse."""
    return one in _WITHIN[other]


def compatible(one: ValueType | None, other: ValueType | None) -> bool:
    """Whether the values of a column of one type could be those of a column of the other; unknown fits all."""
    return one is None or other is None or one == other or "text" in (one, other) or _related(one, other)


def unfit(values: pa.Array, kind: ValueType) -> pa.Array | None:
    """A mask of the texts that are no values of `kind`; None when all are. Nulls and empty texts fit everything.

    Nested values are not judged here, except that a nested column (`json`) must hold nothing else.
    """
    if kind == "text" or _casts(values, kind):
        return None
    if kind == "json":
        fits = pc.or_(pc.starts_with(values, "{"), pc.starts_with(values, "["))
    else:
        fits = pc.match_substring_regex(pc.utf8_trim_whitespace(values), _SHAPES[kind])
    fits = pc.or_(pc.fill_null(fits, True), pc.fill_null(pc.equal(values, ""), True))
    return None if pc.all(fits).as_py() is not False else pc.invert(fits)


def nested(values: pa.Array) -> pa.Array | None:
    """A mask of the texts that are a JSON object or list; None when there is none."""
    looks = pc.fill_null(pc.or_(pc.starts_with(values, "{"), pc.starts_with(values, "[")), False)
    if not pc.any(looks).as_py():
        return None
    positions = pc.indices_nonzero(looks)
    is_json = [_is_json(text) for text in values.take(positions).to_pylist()]
    if not any(is_json):
        return None
    mask = [False] * len(values)
    for position, true in zip(positions.to_pylist(), is_json, strict=True):
        mask[position] = true
    return pa.array(mask)


def _related(one: ValueType, other: ValueType) -> bool:
    return narrower(one, other) or narrower(other, one)


def _casts(values: pa.Array, kind: ValueType) -> bool:
    """Whether Arrow's own reading takes every text, which is many times faster than a regular expression."""
    target = {"integer": pa.int64(), "decimal": pa.float64(), "date": pa.date32(), "timestamp": None}.get(kind, False)
    if target is False:
        return False
    try:
        if target is not None:
            pc.cast(values, target)
            return True
        first = next((text for text in values.slice(0, 100).to_pylist() if text), "")
        zoned = first.endswith("Z") or first[-6:-5] in ("+", "-") or first[-5:-4] in ("+", "-")
        pc.cast(values, pa.timestamp("us", "UTC" if zoned and len(first) > 10 else None))
    except pa.ArrowInvalid:
        return False
    return True


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
