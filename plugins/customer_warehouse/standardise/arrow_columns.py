"""Columns of distinct texts in Arrow: the types that columns have, and the steps that fast paths are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from customer_warehouse.standardise.characters import simplified_table

TEXT = pa.string()
DATE = pa.date32()
TIMESTAMP = pa.timestamp("us", tz="UTC")
DECIMAL = pa.decimal128(24, 6)
NOTHING = pa.scalar(None, TEXT)
HAN = r"\x{4e00}-\x{9fa5}"
"""The common Chinese characters, which NFKC leaves alone, as the inside of a character class of RE2."""


class Answers(NamedTuple):
    """What a fast path knows of the values it was given."""

    known: pa.Array
    """True for the values that are answered."""
    canonical: pa.Array
    """Their canonical values; what stands where nothing is known does not matter."""
    key: pa.Array | None = None
    parts: Mapping[str, pa.Array] = {}
    flags: pa.Array | None = None
    """Flags as `ColumnResult.flags` has them; None when no answered value has any."""


Options = Mapping[str, Any]
FastPath = Callable[[pa.Array, Options], Answers | None]


def matches(values: pa.Array, shape: str) -> pa.Array:
    """Which values have the shape somewhere in them; false for null."""
    return pc.fill_null(pc.match_substring_regex(values, shape), False)


def is_one_of(values: pa.Array, listed: Iterable[str]) -> pa.Array:
    return pc.is_in(values, pa.array(sorted(listed), TEXT))


def only(known: pa.Array, values: pa.Array) -> pa.Array:
    """The values that are known, null for the others."""
    return pc.if_else(known, values, NOTHING)


def none_of(known: pa.Array, *doubtful: pa.Array) -> pa.Array:
    """Which are known and in no way doubtful."""
    return reduce(lambda left, right: pc.and_(left, pc.invert(right)), doubtful, known)


def replaced(values: pa.Array, shape: str, replacement: str) -> pa.Array:
    return pc.replace_substring_regex(values, shape, replacement)


def simplified(values: pa.Array) -> pa.Array:
    """The texts in simplified characters, null where they are. They must not hold line breaks."""
    return translated(values, simplified_table())


def translated(values: pa.Array, table: Mapping[int, str]) -> pa.Array:
    """The texts with each character replaced as the table says, null where they are. They must not hold line breaks."""
    if not len(values):
        return values
    lines = "\n".join(pc.fill_null(values, "").to_pylist()).translate(table).split("\n")
    return only(pc.is_valid(values), pa.array(lines, TEXT))
