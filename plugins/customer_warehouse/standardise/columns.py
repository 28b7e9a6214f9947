"""Whole columns of values: every distinct value is worked out once, with the same answer as the type's own function.

Most values of a column have one of a few usual shapes. A type may have a fast path, which answers those for the whole
column at once and leaves every other value to the type's function; it never answers what that function would not.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from customer_warehouse.standardise import (
    address_parts,
    code_value,
    date_value,
    email_address,
    fast_addresses,
    fast_names,
    fast_paths,
    fast_phones,
    money_amount,
    number_value,
    person_name,
    phone_number,
    postal_address,
    stock_code,
    text_value,
    timestamp_value,
)
from customer_warehouse.standardise.arrow_columns import DATE, DECIMAL, TEXT, TIMESTAMP, FastPath
from customer_warehouse.standardise.value import Value


@dataclass(frozen=True)
class TypeSpec:
    """What a type is made of: its functions, and the columns that a table gets for it."""

    standardise: Callable[..., Value]
    """The scalar function: one value in, one `Value` out."""
    example: str
    """A valid value, with which a declaration's options are tried."""
    arrow: pa.DataType = field(default=TEXT)
    """The Arrow type of the canonical column."""
    sql_type: str = "text"
    """The PostgreSQL type of the canonical column."""
    has_key: bool = False
    """Is there a match key, in `<column>_key`?"""
    parts: tuple[str, ...] = ()
    """Parts of the value with a column of their own, in `<column>_<part>`."""
    has_flags: bool = False
    """Is what was noticed kept, in `<column>_flags`, as words with a space between?"""
    has_raw: bool = True
    """Is the source's value kept beside it, in `<column>_raw`?"""
    fast_path: FastPath | None = None

    @property
    def options(self) -> frozenset[str]:
        """The names of the options that the type knows."""
        return frozenset(inspect.signature(self.standardise).parameters) - {"raw"}

    @property
    def suffixes(self) -> tuple[str, ...]:
        """What the names of the table's other columns for a value end with, in their order; all are text."""
        more = {"flags": self.has_flags, "raw": self.has_raw}
        return (*(("key",) if self.has_key else ()), *self.parts, *(name for name, kept in more.items() if kept))


TYPES: dict[str, TypeSpec] = {
    "text": TypeSpec(text_value.standardise, "Text", has_raw=False, fast_path=fast_paths.text),
    "code": TypeSpec(code_value.standardise, "code"),
    "email": TypeSpec(
        email_address.standardise,
        "mei.ling@gmail.com",
        has_key=True,
        parts=("suggestion",),
        has_flags=True,
        fast_path=fast_paths.email,
    ),
    "phone": TypeSpec(
        phone_number.standardise,
        "+886912000111",
        parts=("kind", "extension"),
        has_flags=True,
        fast_path=fast_phones.phone,
    ),
    "person_name": TypeSpec(
        person_name.standardise,
        "王大明",
        has_key=True,
        parts=("given", "family", "pinyin"),
        has_flags=True,
        fast_path=fast_names.person_name,
    ),
    "postal_address": TypeSpec(
        postal_address.standardise,
        "台北市中山路1號",
        has_key=True,
        parts=address_parts.PARTS,
        has_flags=True,
        fast_path=fast_addresses.postal_address,
    ),
    "date": TypeSpec(date_value.standardise, "1990-05-06", DATE, "date", has_flags=True, fast_path=fast_paths.date),
    "timestamp": TypeSpec(
        timestamp_value.standardise,
        "2026-01-05T10:00:00Z",
        TIMESTAMP,
        "timestamptz",
        has_flags=True,
        fast_path=fast_paths.timestamp,
    ),
    "money": TypeSpec(money_amount.standardise, "1", DECIMAL, "numeric", fast_path=fast_paths.money),
    "sku": TypeSpec(stock_code.standardise, "TEE-001", has_key=True, fast_path=fast_paths.sku),
    "number": TypeSpec(number_value.standardise, "1", DECIMAL, "numeric", fast_path=fast_paths.number),
}


class OptionsError(ValueError):
    """A declaration names a type that is none, or options that the type does not know or cannot use."""


@dataclass(frozen=True)
class ColumnResult:
    """The answers for a column: Arrow-backed, with the index of the values they answer, null where there is none."""

    canonical: pd.Series
    key: pd.Series | None
    parts: dict[str, pd.Series]
    flags: pd.Series | None
    """What was noticed, as words with a space between; null where nothing was."""
    reason: pd.Series


def check_options(type_name: str, options: Mapping[str, Any]) -> None:
    """Raise OptionsError unless `type_name` is a type and takes `options`."""
    if type_name not in TYPES:
        raise OptionsError(f"there is no type {type_name!r}; the types are {', '.join(TYPES)}")
    spec = TYPES[type_name]
    unknown = sorted(set(options) - spec.options)
    if unknown:
        known = ", ".join(sorted(spec.options)) or "none"
        raise OptionsError(f"{type_name} has no option {unknown[0]!r}; it has {known}")
    try:
        spec.standardise(spec.example, **options)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise OptionsError(f"{type_name}: {error}") from error


def standardise_column(type_name: str, values: pd.Series, options: Mapping[str, Any]) -> ColumnResult:
    """Standardise a column of texts (null for missing). Raises OptionsError as `check_options` does."""
    check_options(type_name, options)
    spec = TYPES[type_name]
    encoded = _texts(values).dictionary_encode()
    distinct = encoded.dictionary
    fast = spec.fast_path(distinct, options) if spec.fast_path else None
    open_ = pa.array([True] * len(distinct), pa.bool_()) if fast is None else pc.invert(fast.known)
    answers = [spec.standardise(raw, **options) for raw in distinct.filter(open_).to_pylist()]

    def series(known: pa.Array | None, rest: list[Any], arrow: pa.DataType = TEXT) -> pd.Series:
        """What the fast path and the type's function found, put together and spread over the column."""
        every = pa.array(rest, arrow)
        if fast is not None:
            known = pa.nulls(len(distinct), arrow) if known is None else known
            every = pc.replace_with_mask(known, open_, every)
        spread = pc.take(every, encoded.indices)
        return pd.Series(pd.array(spread, dtype=pd.ArrowDtype(arrow)), index=values.index)

    parts_of = fast.parts if fast else {}
    return ColumnResult(
        canonical=series(fast and fast.canonical, [answer.value for answer in answers], spec.arrow),
        key=series(fast and fast.key, [answer.key for answer in answers]) if spec.has_key else None,
        parts={
            part: series(parts_of.get(part), [(answer.parts or {}).get(part) for answer in answers])
            for part in spec.parts
        },
        flags=series(fast and fast.flags, [" ".join(answer.flags) or None for answer in answers])
        if spec.has_flags
        else None,
        reason=series(None, [answer.reason for answer in answers]),
    )


def standardise_rows(
    type_name: str, values: pd.Series, options: Mapping[str, Any], regions: pd.Series | None
) -> ColumnResult:
    """Standardise a column of which each row has a region of its own, which is tried before those of the options.

    `regions` has the index of `values`; null, or what is no region, leaves the options as they are. Raises OptionsError
    as `check_options` does, and when the type knows no regions.
    """
    check_options(type_name, options)
    if regions is None:
        return standardise_column(type_name, values, options)
    groups: dict[str, list[str]] = {}
    for region in regions.dropna().unique():
        known = region_of(type_name, region, options)
        if known is not None:
            groups.setdefault(known, []).append(region)
    own = [(regions.isin(written), with_region(options, region)) for region, written in groups.items()]
    rest = ~regions.isin([region for written in groups.values() for region in written])
    return standardise_parts(type_name, values, [*own, (rest, options)])


def standardise_parts(
    type_name: str, values: pd.Series, parts: Sequence[tuple[pd.Series, Mapping[str, Any]]]
) -> ColumnResult:
    """Standardise a column of which each part, a mask of rows, has options of its own; every row is in one part.

    Raises OptionsError as `check_options` does.
    """
    pieces = [standardise_column(type_name, values[mask], options) for mask, options in parts]

    def together(columns: list[pd.Series]) -> pd.Series:
        whole: pd.Series = pd.concat(columns).reindex(values.index)
        return whole

    first = pieces[-1]
    return ColumnResult(
        canonical=together([piece.canonical for piece in pieces]),
        key=None if first.key is None else together([piece.key for piece in pieces if piece.key is not None]),
        parts={part: together([piece.parts[part] for piece in pieces]) for part in first.parts},
        flags=None if first.flags is None else together([piece.flags for piece in pieces if piece.flags is not None]),
        reason=together([piece.reason for piece in pieces]),
    )


def region_of(type_name: str, written: str, options: Mapping[str, Any]) -> str | None:
    """The region that a row names, as the type knows it; None when it does not. Raises OptionsError as above."""
    if "region" not in TYPES[type_name].options:
        raise OptionsError(f"{type_name} has no regions")
    region = written.strip().upper()
    try:
        check_options(type_name, with_region(options, region))
    except OptionsError:
        return None
    return region


def with_region(options: Mapping[str, Any], region: str) -> dict[str, Any]:
    """The options of a row of a region: it is the first of `regions`, where there are several."""
    if "regions" not in options:
        return {**options, "region": region}
    return {**options, "regions": [region, *(other for other in options["regions"] if other != region)]}


def _texts(values: pd.Series) -> pa.Array:
    """The values as one Arrow array of texts. Halves of characters, which Arrow cannot hold, are left out."""
    try:
        array = pa.array(values, from_pandas=True)
    except UnicodeEncodeError:
        array = pa.array([_whole(value) for value in values], TEXT)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array if array.type == TEXT else array.cast(TEXT)


def _whole(value: Any) -> str | None:
    return value.encode("utf-8", "ignore").decode("utf-8") if isinstance(value, str) else None
