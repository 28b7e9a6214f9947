"""A labelled file of records: what its columns hold, and which records are one entity, read and checked.

Three files: the records (CSV or Parquet), the truth (CSV or Parquet with `record_id, entity_id`), and a small YAML file
`columns: {their_column: type}` that says what the records' columns are. The truth is kept apart from the records from
here on: nothing that resolves them sees it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import yaml

TYPES = (
    "record_id",
    "source",
    "person_name",
    "given_name",
    "family_name",
    "phone",
    "email",
    "postal_address",
    "street",
    "house_number",
    "city",
    "region",
    "postcode",
    "country",
    "birth_date",
    "national_id",
    "member_number",
    "occupation",
    "other",
)
"""What a column may be said to hold."""
TEXT = pa.string()
LONGEST_ROW = 16 * 1024 * 1024
"""Bytes of a row of a CSV file."""


class LabelledFileError(ValueError):
    """A file that cannot be used; the sentence says which, and what to mend. It never quotes a value."""


def read_columns(path: Path) -> dict[str, list[str]]:
    """The columns by type, in the order in which the file has them.

    Raises LabelledFileError when the file is no such list, or names a type that is none, or not one record_id.
    """
    try:
        document = yaml.load(_bytes(path), yaml.BaseLoader)  # texts only: a column may be called `no` or `on`
    except (yaml.YAMLError, UnicodeDecodeError):
        raise LabelledFileError(f"{path} is not YAML; write `columns:` and below it `their_column: type`.") from None
    declared = document.get("columns") if isinstance(document, Mapping) else None
    if not isinstance(declared, Mapping) or not declared:
        raise LabelledFileError(f"{path} has no `columns:` with `their_column: type` below it.")
    columns: dict[str, list[str]] = {}
    for column, type_ in declared.items():
        if not isinstance(type_, str) or type_ not in TYPES:
            raise LabelledFileError(f"{path} says that {column} is a {type_!r}; the types are {', '.join(TYPES)}.")
        columns.setdefault(type_, []).append(column)
    for type_ in ("record_id", "source"):
        named = len(columns.get(type_, []))
        if named > 1 or (named == 0 and type_ == "record_id"):
            raise LabelledFileError(f"{path} names {named} columns of type {type_}; there must be one.")
    return columns


def read_records(path: Path, columns: Mapping[str, list[str]]) -> pa.Table:
    """The declared columns of the records as texts, null where nothing is written.

    Raises LabelledFileError when the file cannot be read, lacks a column, or a record has no id or another's.
    """
    named = [column for of_type in columns.values() for column in of_type]
    table = _read(path, named)
    (record_id,) = columns["record_id"]
    _must_be_unique(path, table[record_id], record_id)
    return table


def read_truth(path: Path) -> pa.Table:
    """The columns `record_id` and `entity_id` of the truth, as texts; a record without an entity is left out.

    Raises LabelledFileError when the file cannot be read, lacks one of them, or has a record twice.
    """
    table = _read(path, ["record_id", "entity_id"])
    table = table.filter(pc.is_valid(table["entity_id"]))
    _must_be_unique(path, table["record_id"], "record_id")
    return table


def _must_be_unique(path: Path, ids: pa.ChunkedArray, column: str) -> None:
    if not len(ids):
        raise LabelledFileError(f"{path} has no rows.")
    if ids.null_count:
        raise LabelledFileError(f"{path} has {ids.null_count:,} rows without a {column}; every row needs one.")
    repeated = len(ids) - pc.count_distinct(ids).as_py()
    if repeated:
        raise LabelledFileError(f"{path} has {repeated:,} rows whose {column} another row has already; it must differ.")


def _read(path: Path, named: list[str]) -> pa.Table:
    """These columns of a CSV or Parquet file as texts."""
    is_parquet = _bytes(path, 4) == b"PAR1"
    try:
        table = _parquet(path) if is_parquet else _csv(path)
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        kind = "Parquet" if is_parquet else "CSV in UTF-8 with a line of column names"
        raise LabelledFileError(f"{path} cannot be read as {kind}.") from None
    missing = [column for column in named if column not in table.column_names]
    if missing:
        has = ", ".join(table.column_names)
        raise LabelledFileError(f"{path} has no column {missing[0]!r}; it has {has}.")
    twice = [column for column in named if table.column_names.count(column) > 1]
    if twice:
        raise LabelledFileError(f"{path} has more than one column {twice[0]!r}.")
    return pa.table({column: _text(path, column, table[column]) for column in dict.fromkeys(named)})


def _csv(path: Path) -> pa.Table:
    options = pa_csv.ReadOptions(block_size=LONGEST_ROW)
    with pa_csv.open_csv(path, options) as reader:
        names = reader.schema.names
    return pa_csv.read_csv(
        path,
        options,
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(column_types=dict.fromkeys(names, TEXT), strings_can_be_null=False),
    )


def _parquet(path: Path) -> pa.Table:
    return pq.read_table(path)


def _text(path: Path, column: str, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values as text; blank is null. Whole numbers that a gap made floating get no decimals."""
    try:
        if pa.types.is_floating(values.type) and pc.all(pc.equal(pc.floor(values), values)).as_py() is not False:
            values = values.cast(pa.int64())
        texts = values.cast(TEXT)
    except pa.ArrowException:
        raise LabelledFileError(f"{path}: column {column!r} holds {values.type}, which is no text.") from None
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(texts), ""), pa.scalar(None, TEXT), texts)


def _bytes(path: Path, count: int = -1) -> Any:
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError as error:
        raise LabelledFileError(f"{path} cannot be opened: {error.strerror}.") from None
