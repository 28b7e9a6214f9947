"""Source declarations: what a source is, how it is read, and which standard entities its rows become.

A source is one YAML file; `docs/sources.md` explains every word of it. An unknown word is an error.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from customer_warehouse.extract.value_types import ValueType
from customer_warehouse.ops.ledger import StageError

NAME = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
FILE_COLUMNS = ("_file", "_line")
DriftKind = Literal[
    "added", "dropped", "renamed", "widened", "narrowed", "newly_null", "new_enum_value", "newly_nested"
]
DriftAction = Literal["accept", "reject_rows", "stop_entity", "stop_night"]
"""Every drift is reported in `ops.drift`, whatever becomes of its rows."""


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Connection(Model):
    """Where the source is. Addresses and secrets come from the environment: `${SHOP_PLATFORM_TOKEN}`."""

    url: str
    token: str | None = None
    """Bearer token of a REST API."""
    credentials: dict[str, str] = {}
    """Credentials of a file store, by dlt's names: `sftp_username`, `aws_access_key_id`, `endpoint_url` …"""
    attempts: int = Field(5, ge=1, le=10)
    """Tries of one request of a REST API before the source counts as down."""
    retry_seconds: float = Field(1.0, ge=0, le=60)
    """Wait before the second try; doubles with each further one. `Retry-After` is obeyed."""


class RestApiRead(Model):
    """One endpoint, read page by page along its `Link` header."""

    path: str
    records: str
    """Name of the list of records in the response."""
    parameters: dict[str, str | int] = {}
    """Query of the first page; `{window_start}` and `{window_end}` stand for the window, in ISO 8601."""


class FilesRead(Model):
    """CSV files; their paths carry the business date."""

    path: str
    """Path under the url, with `{date}` (YYYY-MM-DD) and any other `{part}`: `{date}/{store}/members.csv`."""
    manifest: str | None = None
    """Suffix of the manifest with row count and SHA-256; without one a file counts as ready when it is there."""
    encoding: str = "utf-8"
    """Of Python's names; `big5` and `gb2312` mean what is delivered under these names: cp950 and gb18030."""
    delimiter: str = Field(",", pattern=r'^[^"\r\n]$')

    @field_validator("encoding")
    @classmethod
    def known_encoding(cls, value: str) -> str:
        try:
            "".encode(value)
        except LookupError:
            raise ValueError(f"there is no text encoding {value!r}") from None
        return value

    @property
    def parts(self) -> re.Pattern[str]:
        """The regular expression of the relative paths that `path` means, with a group for every `{part}`.

        A part that is named twice has the same value twice.
        """
        pattern, named = "", set[str]()
        for index, piece in enumerate(re.split(r"\{(\w+)\}", self.path)):
            if index % 2 == 0:
                pattern += re.escape(piece)
            else:
                pattern += f"(?P={piece})" if piece in named else rf"(?P<{piece}>[^/]+)"
                named.add(piece)
        return re.compile(pattern)


class DatabaseRead(Model):
    """One table of a SQL database."""

    table: str
    schema_name: str | None = Field(None, alias="schema")


class Deletes(Model):
    """How the source says that a row is gone: a marked row, or a key that vanished from a full read of the keys."""

    column: str | None = None
    equals: str | None = None
    """The value of `column` that marks a deleted row; without it any value does."""
    vanished: bool = False
    at_most: float = Field(0.2, gt=0, le=1)
    """Share of the known keys that may vanish in one night; more looks like a broken read and is refused."""

    @model_validator(mode="after")
    def one_way(self) -> Self:
        if (self.column is None) != self.vanished:
            raise ValueError("deletes needs either `column` or `vanished: true`")
        return self


class ColumnMap(Model):
    """Where a standard column's value comes from, and how to read it."""

    model_config = ConfigDict(extra="allow", frozen=True)

    from_: str | list[str] | None = Field(None, alias="from")
    """A path into the row: `email`, `address.city`, `line_items[].price`. Of several, the first with a value."""
    template: str | None = None
    """A value built from others: `guest-{id}`. Used when `from` gives nothing; nothing when a part is missing."""
    value: str | None = None
    """A constant."""
    given: str | None = None
    family: str | None = None
    """Paths of the two halves of a person's name."""
    only_with: str | None = None
    """A path: where it gives nothing, neither does this column."""
    join: list[str] | None = None
    """Paths whose values are joined with a space, such as the lines of an address."""
    region_from: list[str] = []
    """Paths to the row's own country or store, whose customs are tried before those of the source; the first that gives
    a region. Also a part of another standard column of the row, such as `postal_address.country`."""
    region_map: dict[str, str] = {}
    """What is found there -> ISO 3166 code, where it is not one already."""

    @property
    def options(self) -> dict[str, Any]:
        """Options of the column's type, such as `region` or `time_zone`."""
        return dict(self.model_extra or {})

    @model_validator(mode="before")
    @classmethod
    def short_form(cls, value: Any) -> Any:
        return {"from": value} if isinstance(value, str) else value

    @field_validator("region_from", mode="before")
    @classmethod
    def one_or_several(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value


class Column(Model):
    """What one column of a source promises. What it does not promise is held against what earlier nights delivered."""

    type: ValueType | None = None
    required: bool = False
    """Whether every row has a value."""
    enum: list[str] | None = Field(None, min_length=1)
    """All values there are."""
    drift: dict[DriftKind, DriftAction] = {}
    """What becomes of a broken promise; before what the entity says of all its columns."""

    @model_validator(mode="before")
    @classmethod
    def short_form(cls, value: Any) -> Any:
        return {"type": value} if isinstance(value, str) else value or {}


class Condition(Model):
    """A condition on one raw column; all that are given must hold."""

    column: str
    matches: str | None = None
    not_matches: str | None = None
    is_null: bool | None = None


class StandardMap(Model):
    """One standard entity that the raw rows become."""

    entity: NAME
    key: str | list[str]
    """Path or paths of the standard row's key; a template is written `guest-{id}`."""
    each: str | None = None
    """A nested list: one standard row for each element: `line_items[]`, `refunds[].refund_line_items[]`."""
    where: list[Condition] = []
    group_by: list[str] = []
    """Raw columns whose equal values make one standard row, taken from the last raw row of the group."""
    take: Literal["first", "last"] = "last"
    columns: dict[str, ColumnMap]


class Entity(Model):
    """One kind of row that the source delivers."""

    read: dict[str, Any]
    key: list[str] = Field(min_length=1)
    cursor: str | None = None
    """The column that says when a row last changed; without it every read is compared with what is known."""
    full_read: bool = False
    """Read everything each night, not a window."""
    overlap: timedelta = timedelta(0)
    """How far each window reaches back behind the last, for rows that arrive late."""
    deletes: Deletes | None = None
    columns: dict[str, Column] = Field(min_length=1)
    """Every column the source is known to deliver, in short a list of names. What it delivers beyond these is kept in
    `_extra` and reported."""
    drift: dict[DriftKind, DriftAction] = {}
    """What becomes of a delivery that breaks the promises of `columns`, by kind of drift."""
    on_bad_file: Literal["isolate", "stop"] = "isolate"
    standard: list[StandardMap] = []

    @field_validator("columns", mode="before")
    @classmethod
    def names_alone(cls, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        if twice := sorted({str(name) for name in value if value.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)} twice")
        return dict.fromkeys(value)

    @model_validator(mode="after")
    def known_columns(self) -> Self:
        known = {*self.columns, *FILE_COLUMNS}
        for name in [*self.key, *([self.cursor] if self.cursor else [])]:
            if name not in known:
                raise ValueError(f"key or cursor {name!r} is not among the columns")
        for standard in self.standard:
            unknown = {*standard.group_by, *(c.column for c in standard.where)} - known
            if unknown:
                raise ValueError(f"standard {standard.entity}: {sorted(unknown)} are not among the columns")
        return self


class Source(Model):
    """One source of customer data."""

    source: NAME
    kind: Literal["rest_api", "files", "database"]
    description: str
    trust: int = Field(50, ge=0, le=100)
    """How far to believe it when sources disagree about a person; higher wins."""
    fresh_within: timedelta = timedelta(hours=48)
    """How old its last good read may be for a night to go on without it."""
    region: str = "TW"
    """ISO 3166 code of the country whose national phone formats the source's values are in."""
    time_zone: str = "UTC"
    """IANA zone of timestamps without an offset, and of the dates in file paths."""
    currency: str
    """ISO 4217 code of its amounts."""
    connection: Connection
    entities: dict[NAME, Entity]
    controls: dict[str, str] = {}
    """For reconciliation: a figure's name and the SQL that computes it straight from the files (view `files`)."""

    def read_of(self, entity: str) -> RestApiRead | FilesRead | DatabaseRead:
        """The entity's `read` block as its kind understands it."""
        models: dict[str, type[RestApiRead | FilesRead | DatabaseRead]]
        models = {"rest_api": RestApiRead, "files": FilesRead, "database": DatabaseRead}
        return models[self.kind].model_validate(self.entities[entity].read)

    def file_parts(self, entity: str) -> re.Pattern[str] | None:
        """What the paths of the entity's files look like, with a group for each of their parts; None without files."""
        read = self.read_of(entity)
        return read.parts if isinstance(read, FilesRead) else None

    @model_validator(mode="after")
    def readable(self) -> Self:
        for name, entity in self.entities.items():
            parts = self.file_parts(name)
            if parts and entity.deletes and entity.deletes.vanished:
                raise ValueError(f"{name}: files hold no full list of keys; mark deleted rows by a column instead")
            known = set(parts.groupindex) if parts else set()
            for standard in entity.standard:
                asked = set(re.findall(r'["{]_file\.(\w+)', standard.model_dump_json()))
                if asked - known:
                    raise ValueError(f"{name}: the path has no part {', '.join(sorted(asked - known))} for `_file`")
        return self


def raw_table(source: str, entity: str) -> tuple[str, str]:
    """Schema and name of the table that holds the entity's raw rows."""
    return "raw", f"{source}__{entity}"


def source_names(folder: Path) -> list[str]:
    """The names of the sources declared in `folder`, sorted."""
    return sorted(file.stem for file in folder.glob("*.yml"))


def load_source(folder: Path, name: str, environment: Mapping[str, str] | None = None) -> Source:
    """Read one declaration, with `${VARIABLE}` and `${VARIABLE:-default}` filled in from the environment.

    Raises StageError when the file is missing, wrong, or names a variable that is not set.
    """
    file = folder / f"{name}.yml"
    if not file.exists():
        known = ", ".join(source_names(folder)) or "none"
        raise StageError(f"There is no declaration {file.name} in {folder} (there are: {known}).")
    environment = os.environ if environment is None else environment
    try:
        source = Source.model_validate(_filled(_parsed(file), environment, file.name))
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise StageError(f"The declaration {file.name} is wrong: {problems}.") from None
    if source.source != name:
        raise StageError(f"The declaration {file.name} calls its source {source.source!r}; name the file after it.")
    return source


def load_sources(folder: Path, environment: Mapping[str, str] | None = None) -> list[Source]:
    """All declarations of `folder`, by name. Raises StageError as `load_source` does, or when there is none."""
    names = source_names(folder)
    if not names:
        raise StageError(f"There is no source declaration (*.yml) in {folder}.")
    return [load_source(folder, name, environment) for name in names]


@cache
def _text_of(file: Path, _modified: int) -> str:
    return file.read_text(encoding="utf-8")


def _parsed(file: Path) -> Any:
    try:
        return yaml.safe_load(_text_of(file, file.stat().st_mtime_ns))
    except yaml.YAMLError as error:
        raise StageError(f"The declaration {file.name} is not YAML: {str(error).splitlines()[0]}.") from None


def _filled(value: Any, environment: Mapping[str, str], file: str) -> Any:
    """`value` with every `${VARIABLE}` in its texts replaced."""
    if isinstance(value, dict):
        return {key: _filled(item, environment, file) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, environment, file) for item in value]
    if not isinstance(value, str):
        return value

    def replacement(match: re.Match[str]) -> str:
        name, default = match[1], match[2]
        if name in environment:
            return environment[name]
        if default is not None:
            return default
        raise StageError(f"The declaration {file} needs the environment variable {name}; set it and run again.")

    return re.sub(r"\$\{(\w+)(?::-([^}]*))?\}", replacement, value)
