"""From raw rows to the values of a standard entity, as the source's declaration says: still text, not yet standardised.

A path names a raw column (`email`), a member of a nested value (`default_address.city`), or a member of the element a
row is made of (`refunds[].refund_line_items[].quantity`, when the mapping has `each: refunds[].refund_line_items[]`).
`_file.store` is the `{store}` part of the path of the file that a row came in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import pyarrow as pa

from customer_warehouse.extract.declaration import ColumnMap, StandardMap
from customer_warehouse.standardise.person_name import compose

PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
TEXT: Final = "string[pyarrow]"


@dataclass
class Elements:
    """The rows a chunk of raw rows becomes: for each, its raw row and the nested elements it came from."""

    rows: list[int] | None
    """Position of the raw row; None when every raw row is one row."""
    levels: dict[str, list[Any]]
    """Path of each nesting level, with the element of every row."""


class Chunk:
    """Some raw rows, and the values at paths into them."""

    def __init__(self, raw: pd.DataFrame, each: str | None, file_parts: re.Pattern[str] | None = None) -> None:
        """`file_parts`: what the files' paths look like, with a group for each of their parts."""
        self.raw = raw
        self.file_parts = file_parts
        self._parsed: dict[str, list[Any]] = {}
        self.elements = self._exploded(each) if each else Elements(None, {})

    def __len__(self) -> int:
        return len(self.raw) if self.elements.rows is None else len(self.elements.rows)

    def column(self, name: str) -> pd.Series:
        """A raw column, repeated for every element of its row."""
        values = self.raw[name]
        if self.elements.rows is None:
            return values
        return values.take(self.elements.rows).reset_index(drop=True)

    def path(self, path: str) -> pd.Series:
        """The text at `path` for every row; null where there is none."""
        for level in sorted(self.elements.levels, key=len, reverse=True):
            if path.startswith(level + "."):
                inner = path.removeprefix(level + ".").split(".")
                return _series(_member(element, inner) for element in self.elements.levels[level])
        head, *rest = path.split(".")
        if not rest:
            return self.column(head)
        if head == "_file":
            values = self._part_of_file(rest[0])
        else:
            values = _series(_member(value, rest) for value in self._json(head))
        return values if self.elements.rows is None else values.take(self.elements.rows).reset_index(drop=True)

    def first_of(self, paths: list[str]) -> pd.Series:
        """The first value that is given, path by path."""
        values = self.path(paths[0])
        for path in paths[1:]:
            if values.notna().all():
                break
            values = values.where(values.notna(), self.path(path))
        return values

    def template(self, template: str) -> pd.Series:
        """`template` with the values at its paths filled in; null where one of them is missing."""
        result = constant("", len(self))
        for index, part in enumerate(PLACEHOLDER.split(template)):
            result = result + (part if index % 2 == 0 else self.path(part).astype(TEXT))
        return result

    def keys(self, key: str | list[str]) -> pd.Series:
        """The standard rows' keys; null where a part is missing."""
        if isinstance(key, str) and "{" in key:
            return self.template(key)
        return self.template("|".join(f"{{{path}}}" for path in ([key] if isinstance(key, str) else key)))

    def _part_of_file(self, part: str) -> pd.Series:
        """The named part of the path of each raw row's file."""
        parts: dict[Any, str | None] = {}
        for name in self.raw["_file"].dropna().unique():
            match = self.file_parts.fullmatch(name) if self.file_parts else None
            parts[name] = match[part] if match else None
        return _series(parts.get(name) for name in self.raw["_file"].tolist())

    def _json(self, column: str) -> list[Any]:
        if column not in self._parsed:
            self._parsed[column] = [_loaded(text) for text in self.raw[column].tolist()]
        return self._parsed[column]

    def _exploded(self, each: str) -> Elements:
        """One row for each element of the nested list that `each` names."""
        steps = [step.strip(".") for step in each.split("[]") if step.strip(".")]
        rows = list(range(len(self.raw)))
        current: list[Any] = self._json(steps[0].split(".")[0])
        inner = [steps[0].split(".")[1:], *(step.split(".") for step in steps[1:])]
        levels: dict[str, list[Any]] = {}
        path = ""
        for step, members in zip(steps, inner, strict=True):
            path = f"{path}.{step}[]" if path else f"{step}[]"
            found = [
                (index, element)
                for index, value in enumerate(current)
                for element in (_list(value, members) or ())
                if isinstance(element, dict)
            ]
            keep = [index for index, _ in found]
            rows = [rows[index] for index in keep]
            levels = {level: [values[index] for index in keep] for level, values in levels.items()}
            current = levels[path] = [element for _, element in found]
        return Elements(rows, levels)


def mapped(chunk: Chunk, mapping: StandardMap) -> tuple[pd.Series, dict[str, pd.Series]]:
    """The keys and, by standard column, the raw texts of the rows that `chunk` becomes."""
    return chunk.keys(mapping.key), {name: _values(chunk, column) for name, column in mapping.columns.items()}


def _values(chunk: Chunk, column: ColumnMap) -> pd.Series:
    """The raw texts of one standard column."""
    values = _all_values(chunk, column)
    return values if column.only_with is None else values.where(chunk.path(column.only_with).notna(), None)


def _all_values(chunk: Chunk, column: ColumnMap) -> pd.Series:
    """The same, whether or not another value must be given."""
    if column.value is not None:
        return constant(column.value, len(chunk))
    if column.given or column.family:
        parts = [chunk.path(path).tolist() if path else [None] * len(chunk) for path in (column.given, column.family)]
        return _series(compose(_known(given), _known(family)) for given, family in zip(parts[0], parts[1], strict=True))
    if column.join:
        lines = [chunk.path(path).tolist() for path in column.join]
        return _series(" ".join(filter(None, map(_known, line))) or None for line in zip(*lines, strict=True))
    values = None
    if column.from_ is not None:
        values = chunk.first_of([column.from_] if isinstance(column.from_, str) else column.from_)
    if column.template is not None:
        built = chunk.template(column.template)
        values = built if values is None else values.where(values.notna(), built)
    return values if values is not None else constant(None, len(chunk))


def constant(value: str | None, count: int) -> pd.Series:
    """The same text so many times; pandas would look at every one of them."""
    texts = pa.repeat(pa.scalar(value, pa.large_string()), count)
    return pd.Series(texts.to_pandas(types_mapper=lambda _: pd.StringDtype("pyarrow")))


def _series(values: Iterable[str | None]) -> pd.Series:
    return pd.Series(list(values), dtype=TEXT)


def _known(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _loaded(text: Any) -> Any:
    """The nested value of a raw column; None when it is missing or not JSON."""
    if not isinstance(text, str):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _list(value: Any, members: list[str]) -> list[Any] | None:
    """The list at `members` inside `value`."""
    for member in members:
        if isinstance(value, list):
            return value
        value = value.get(member) if isinstance(value, dict) else None
    return value if isinstance(value, list) else None


def _member(value: Any, members: list[str]) -> str | None:
    """The text at `members` inside a nested value; numbers and lists as JSON."""
    for member in members:
        value = value.get(member) if isinstance(value, dict) else None
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
