"""The border checks as data: one JSON file a table, `expectations/<schema>/<table>.json`.

A file names its table, says why it is checked, and lists checks. A check is one expectation of Great Expectations by
its type and arguments, or one SQL query that returns the rows that must not be there. A table name may end in `*`; the
file's name then has `each` in its place, and the checks are made on every table that matches.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

STAGE_SCHEMAS: dict[str, tuple[str, ...]] = {
    "extract": ("raw", "ops"),
    "standardise": ("standardised",),
    "identity": ("identity",),
    "warehouse": ("warehouse",),
    "marts": ("marts_store",),
    "activation": ("activation",),
}
"""The schemas whose files are run at each stage's border. What is in `ops` about the sources belongs to extract."""

PLACEHOLDERS = ("table", "table_name", "run_id", "night", "as_of", "sources", "base_currency")
"""What a query may ask for, written `{name}`; `expectations/README.md` explains each."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=20)]


class ExpectationFileError(ValueError):
    """A file of expectations that cannot be used; the message names the file and what is wrong with it."""


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Check(Model):
    """One thing that must hold for a table."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{2,60}$")]
    expectation: Annotated[str, StringConstraints(pattern=r"^expect_[a-z_]+$")] | None = None
    """Type of the expectation, as Great Expectations names it."""
    kwargs: dict[str, Any] = {}
    sql: Annotated[list[str], Field(min_length=1)] | None = None
    """The lines of one query; the check fails when it returns a row. `{table}` is the table (or its new batch)."""
    severity: Literal["critical", "warn"]
    """critical stops the night; warn is only recorded."""
    why: Sentence
    what_to_do: Sentence

    @property
    def query(self) -> str:
        return "\n".join(self.sql or ())

    @field_validator("sql")
    @classmethod
    def one_query_with_known_placeholders(cls, lines: list[str] | None) -> list[str] | None:
        text = "\n".join(lines or ())
        unknown = sorted(set(_PLACEHOLDER.findall(text)) - set(PLACEHOLDERS))
        if unknown:
            raise ValueError(f"unknown placeholders {unknown}; there are {list(PLACEHOLDERS)}")
        if ";" in text:
            raise ValueError("a check is one query, without a semicolon")
        return lines

    @model_validator(mode="after")
    def either_way(self) -> Self:
        if (self.expectation is None) == (self.sql is None):
            raise ValueError("a check has either `expectation` (with `kwargs`) or `sql`")
        if self.sql is not None and self.kwargs:
            raise ValueError("`kwargs` are the arguments of an expectation; a query has none")
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
