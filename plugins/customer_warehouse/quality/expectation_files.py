"""The border checks as data: one JSON file a table, `expectations/<schema>/<table>.json`.

A file names its table, says why it is checked, and lists checks. A check is one expectation of Great Expectations by
its type and arguments, one SQL query that returns the rows that must not be there, or one measure that must be what it
was in the nights before. A table name may end in `*`; the file's name then has `each` in its place, and the checks are
made on every table that matches.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

STAGE_SCHEMAS: dict[str, tuple[str, ...]] = {
    "extract": ("raw", "ops"),
    "standardise": ("standardised",),
    "identity": ("identity",),
    "warehouse": ("warehouse",),
    "marts": ("marts_store",),
    "activation": ("activation", "marts"),
}
"""The schemas whose files are run at each stage's border. What is in `ops` about the sources belongs to extract, what
readers see in `marts` of segments to activation: its rows are made after the night is published."""

PLACEHOLDERS = ("table", "table_name", "run_id", "night", "as_of", "sources", "base_currency")
"""What a query may ask for, written `{name}`; `expectations/README.md` explains each."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_NEVER_HELD = re.compile(r"consent|opted_in|^contact$|^email|^phone|_key$|_id$")
"""Columns of which a doubt must stop the night. `lineage.py` finds the ones that lead to them under other names."""
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=20)]


class ExpectationFileError(ValueError):
    """A file of expectations that cannot be used; the message names the file and what is wrong with it."""


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Measure(Model):
    """Numbers of a table that are compared with the same numbers of earlier nights; `band.py` says how."""

    kind: Literal["count", "share", "distribution", "number"]
    """count: rows, with the noise of counting. share: a part of a whole. distribution: rows by label, of which each has
    its share of all. number: anything else, such as a sum or hours."""
    sql: Annotated[list[str], Field(min_length=1)]
    """The lines of one query of one row a label: the label when there is `by`, the number, and of a share the whole."""
    by: Literal["source", "entity", "store", "channel", "status", "country", "kind", "segment"] | None = None
    """What the labels are. Only codes of these kinds are kept beside the numbers; never a value of anybody."""
    compare: Literal["weekday", "nights"]
    """With the nights of the same weekday (what people do), or with all nights (what systems do)."""
    tolerance: Annotated[float, Field(gt=0, lt=10)] | None = None
    """How far from the usual is always fine, as a part of the usual."""
    at_least: Annotated[float, Field(gt=0)] | None = None
    """How far from the usual is always fine, in the measure's own unit; of shares from 0 to 1."""
    alarm: Literal["both", "low", "high"] = "both"
    """Which side of the usual is a failure."""

    @property
    def query(self) -> str:
        return "\n".join(self.sql)

    @model_validator(mode="after")
    def fits_its_kind(self) -> Self:
        if self.kind == "distribution" and self.by is None:
            raise ValueError("a distribution needs `by`: what its labels are")
        if self.tolerance is None and self.at_least is None:
            raise ValueError(
                "a measure needs `tolerance` or `at_least`, or a quiet month would make any change an alarm"
            )
        if self.kind in ("share", "distribution") and (self.tolerance is not None or (self.at_least or 0) >= 1):
            raise ValueError("a share has `at_least` only, from 0 to 1")
        return self


class Check(Model):
    """One thing that must hold for a table."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{2,60}$")]
    expectation: Annotated[str, StringConstraints(pattern=r"^expect_[a-z_]+$")] | None = None
    """Type of the expectation, as Great Expectations names it."""
    kwargs: dict[str, Any] = {}
    sql: Annotated[list[str], Field(min_length=1)] | None = None
    """The lines of one query; the check fails when it returns a row. `{table}` is the table (or its new batch)."""
    measure: Measure | None = None
    severity: Literal["critical", "hold", "warn"]
    """critical stops the night; hold stops the segments that depend on the column; warn is only recorded."""
    column: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")] | None = None
    """The column that a `hold` speaks of; an expectation says it in its `kwargs`."""
    not_for: tuple[str, ...] = ()
    """Tables that match the file's pattern and that this check is not made on."""
    why: Sentence
    what_to_do: Sentence

    @property
    def query(self) -> str:
        return "\n".join(self.sql or ())

    @property
    def held_column(self) -> str | None:
        """The column whose dependents a failure holds."""
        return self.column or self.kwargs.get("column")

    @model_validator(mode="after")
    def one_of_three(self) -> Self:
        if sum(way is not None for way in (self.expectation, self.sql, self.measure)) != 1:
            raise ValueError("a check has one of `expectation` (with `kwargs`), `sql` and `measure`")
        if self.expectation is None and self.kwargs:
            raise ValueError("`kwargs` are the arguments of an expectation; a query has none")
        text = self.measure.query if self.measure else self.query
        unknown = sorted(set(_PLACEHOLDER.findall(text)) - set(PLACEHOLDERS))
        if unknown:
            raise ValueError(f"unknown placeholders {unknown}; there are {list(PLACEHOLDERS)}")
        if ";" in text:
            raise ValueError("a check is one query, without a semicolon")
        return self

    @model_validator(mode="after")
    def a_hold_says_what_it_holds(self) -> Self:
        if self.column is not None and (self.severity != "hold" or self.expectation is not None):
            raise ValueError("`column` is for a query or a measure of severity `hold`")
        if self.severity == "hold" and _NEVER_HELD.search(self.held_column or ""):
            raise ValueError("consent, contacts and keys are never only held: this check must be `critical`")
        return self


class ExpectationFile(Model):
    """The checks of one table, or of every table whose name matches."""

    table: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z0-9_]*\*?$")]
    why: Sentence
    checks: Annotated[list[Check], Field(min_length=1)]

    @property
    def schema_name(self) -> str:
        return self.table.partition(".")[0]

    @property
    def table_name(self) -> str:
        return self.table.partition(".")[2]

    @property
    def is_pattern(self) -> bool:
        return self.table.endswith("*")

    def matches(self, table_name: str) -> bool:
        """Whether the checks are made on this table of the file's schema."""
        if self.is_pattern:
            return table_name.startswith(self.table_name.removesuffix("*"))
        return table_name == self.table_name

    def checks_of(self, table_name: str) -> tuple[Check, ...]:
        """The checks that are made on this table."""
        return tuple(check for check in self.checks if table_name not in check.not_for)

    @model_validator(mode="after")
    def holds_have_columns(self) -> Self:
        for check in self.checks:
            # A segment of which a check fails is what it holds; of any other table it is what comes of the column.
            if check.severity == "hold" and (check.held_column is None) != (self.schema_name == "activation"):
                raise ValueError(f"{check.name}: a `hold` names a column, but for a segment it names none")
        return self

    @model_validator(mode="after")
    def exceptions_are_of_the_pattern(self) -> Self:
        for check in self.checks:
            wrong = [name for name in check.not_for if not (self.is_pattern and self.matches(name))]
            if wrong:
                raise ValueError(f"{check.name}: `not_for` names {wrong}, which the file's table does not match anyway")
        return self

    @model_validator(mode="after")
    def each_name_once(self) -> Self:
        names = [check.name for check in self.checks]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"check names are used twice: {repeated}")
        return self


def fill(query: str, values: dict[str, str]) -> str:
    """The query with each `{placeholder}` replaced by its SQL text; other braces stay as they are."""
    return _PLACEHOLDER.sub(lambda found: values[found.group(1)], query)


def file_name(table: str) -> str:
    """Path of the file that declares the checks of `table`, relative to the expectations folder."""
    schema, _, name = table.partition(".")
    return f"{schema}/{name.replace('*', 'each')}.json"


def load(folder: Path, schemas: tuple[str, ...] | None = None) -> list[ExpectationFile]:
    """Read every file of `folder` (of these schemas only, when given), sorted by path.

    Raises ExpectationFileError when a file cannot be read, has a word that is not known, or does not lie where its
    table says.
    """
    files = []
    for path in sorted(folder.glob("*/*.json")):
        if schemas is not None and path.parent.name not in schemas:
            continue
        try:
            declared = ExpectationFile.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except (ValidationError, ValueError) as error:
            raise ExpectationFileError(f"{path.name} in {path.parent}: {error}") from error
        if path != folder / file_name(declared.table):
            raise ExpectationFileError(f"{path}: the checks of {declared.table} belong in {file_name(declared.table)}")
        files.append(declared)
    return files
