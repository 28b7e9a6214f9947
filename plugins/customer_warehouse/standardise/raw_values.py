"""The values of a mapping in SQL: what the columns of a standard row are in `raw`, without the code that maps them.

Used to count money on both sides of the border. The texts are those that `mapping.py` gives, whatever they hold.
"""

from __future__ import annotations

import re
from functools import lru_cache

from customer_warehouse.database import quoted
from customer_warehouse.extract.declaration import ColumnMap
from customer_warehouse.standardise import currencies
from customer_warehouse.standardise.mapping import PLACEHOLDER

NUMBER = "^-?[0-9]{1,15}(\\.[0-9]{1,10})?$"
"""A plain number; what `as_number` makes none of (`12元5角`, `(5)`) only the type's own function can read."""


class RawValues:
    """The values of the rows that a mapping with `each` makes of the raw rows `r`."""

    def __init__(self, each: str | None) -> None:
        self._elements: dict[str, str] = {}
        """SQL of the element of each nesting level, by the level's path."""
        self.joins = self._joins(each) if each else ""
        """SQL that follows `from … as r`: one row for each element, as many as the mapping makes."""

    def text(self, column: ColumnMap) -> str | None:
        """SQL of the column's text; None for a column that is put together in a way that is none for a number."""
        if column.given or column.family or column.join:
            return None
        if column.value is not None:
            return _literal(column.value)
        options = []
        if column.from_ is not None:
            options += [
                self._path(path) for path in ([column.from_] if isinstance(column.from_, str) else column.from_)
            ]
        if column.template is not None:
            options.append(self._template(column.template))
        if not options:
            return None
        text = f"coalesce({', '.join(options)})"
        if column.only_with is not None:
            text = f"case when {self._path(column.only_with)} is not null then {text} end"
        return text

    def _template(self, template: str) -> str:
        parts = PLACEHOLDER.split(template)
        return (
            "(" + " || ".join(_literal(part) if i % 2 == 0 else self._path(part) for i, part in enumerate(parts)) + ")"
        )

    def _path(self, path: str) -> str:
        for level in sorted(self._elements, key=len, reverse=True):
            if path.startswith(level + "."):
                return _scalar(self._elements[level], path.removeprefix(level + ".").split("."))
        head, *rest = path.split(".")
        return _scalar(_document(head), rest) if rest else f"r.{quoted(head)}"

    def _joins(self, each: str) -> str:
        steps = [step.strip(".") for step in each.split("[]") if step.strip(".")]
        document, level, joins = "", "", ""
        for number, step in enumerate(steps):
            head, *members = step.split(".")
            if number == 0:
                document = _document(head)
            else:
                members = [head, *members]
            level = f"{level}.{step}[]" if level else f"{step}[]"
            found = f"{document} #> {_members(members)}" if members else document
            joins += (
                f" cross join lateral (select {found} as list offset 0) as l{number}"
                f" cross join lateral jsonb_array_elements(case when jsonb_typeof(l{number}.list) = 'array'"
                f" then l{number}.list end) as e{number} (element)"
            )
            document = self._elements[level] = (
                f"case when jsonb_typeof(e{number}.element) = 'object' then e{number}.element end"
            )
        last = len(steps) - 1
        return f"{joins} where jsonb_typeof(e{last}.element) = 'object'"


def sum_of_numbers(text: str, negate: bool = False) -> str:
    """SQL of the sum of the texts that are plain numbers."""
    sign = "-" if negate else ""
    return f"coalesce(sum({sign}(case when {is_number(text)} then cast({text} as numeric) end)), 0)"


def with_point(text: str, decimal: str) -> str:
    """SQL of the text with a point for its decimal mark; where that is a comma, a point is a mark of thousands."""
    if decimal == ".":
        return text
    return f"(case when {text} like '%%.%%' then '?' || {text} else replace({text}, ',', '.') end)"


def as_number(text: str) -> str:
    """SQL of the text without the marks of a currency and of thousands, where it is one number with those.

    `text` is mentioned several times: let it be the name of a column.
    """
    return (
        f"(case when {text} ~ '[^0-9.-]' and {text} ~* {_literal(_marked())}"
        f" then regexp_replace({text}, '[^0-9.-]', '', 'g') else {text} end)"
    )


@lru_cache(maxsize=1)
def _marked() -> str:
    """A number with the known marks beside it: `NT$1,280`, `-1,280.50`, `1280 元`."""
    plain = sorted((mark for mark in currencies.marks() if not re.search("[0-9.,-]", mark)), key=len, reverse=True)
    mark = f"({'|'.join(map(re.escape, plain))})"
    return rf"^ ?(-?{mark}? ?|{mark} ?-)([0-9]{{1,3}}(,[0-9]{{3}})+|[0-9]+)(\.[0-9]+)? ?{mark}? ?$"


def is_number(text: str) -> str:
    """SQL: is the text a plain number? Null for no text."""
    return f"{text} ~ '{NUMBER}'"


def count_of_others(text: str) -> str:
    """SQL of how many texts are given and no plain number."""
    return f"count(*) filter (where {text} ~ '[^[:space:]]' and not {is_number(text)})"


def _document(column: str) -> str:
    """SQL of a raw column's nested value; null when it is not JSON. A NUL, which JSON can write, becomes a mark."""
    text = f"r.{quoted(column)}"
    return f"(case when {text} is json then replace({text}, '\\u0000', '\\ufffd')::jsonb end)"


def _scalar(document: str, members: list[str]) -> str:
    """SQL of the text at `members`; a number with a fraction as a float is written, as reading JSON makes it one.

    `offset 0` keeps PostgreSQL from reading the document anew for every mention of the value.
    """
    text = "(x.v #>> '{}')"
    is_float = f"jsonb_typeof(x.v) = 'number' and {text} like '%%.%%' and length({text}) < 300"
    return (
        f"(select case when {is_float} then cast(cast({text} as float8) as text) else {text} end"
        f" from (select {document} #> {_members(members)} as v offset 0) as x)"
    )


def _members(members: list[str]) -> str:
    return "array[" + ", ".join(map(_literal, members)) + "]"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"
