"""A company's own placeholders: its address, its tills' phones, the dummy member of its old system.

They are data beside the source declarations, `values/placeholders.yml`, because they hold for one company only. Listed
is the value of one column of `standardised.customers`, as that column has it or in any other writing that its type
reads.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from customer_warehouse.extract.declaration import Source
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.standardise.columns import TYPES, ColumnResult
from customer_warehouse.standardise.model import standard_model

FILE = Path("values") / "placeholders.yml"
ENTITY = "customers"


class Entry(BaseModel):
    """Some values of one column, who decides about them, and why they are listed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str
    owner: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    since: date | None = None
    values: list[str] = Field(min_length=1)


def load_entries(sources_dir: Path) -> list[Entry]:
    """What the company lists; nothing when it has no such file. Raises StageError when the file is wrong."""
    file = sources_dir / FILE
    if not file.exists():
        return []
    try:
        entries = TypeAdapter(list[Entry]).validate_python(yaml.safe_load(file.read_text(encoding="utf-8")) or [])
    except yaml.YAMLError as error:
        raise StageError(f"The list {FILE} is not YAML: {str(error).splitlines()[0]}.") from None
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise StageError(f"The list {FILE} is wrong: {problems}.") from None
    unknown = sorted({entry.column for entry in entries} - set(standard_model()[ENTITY].columns))
    if unknown:
        raise StageError(f"The list {FILE} names columns that {ENTITY} do not have: {', '.join(unknown)}.")
    return entries


def listed_values(entries: list[Entry], source: Source) -> dict[str, frozenset[str]]:
    """By column, the canonical values and match keys of what is listed, as values of `source` are read.

    Raises StageError for a value that its column's type does not read.
    """
    found: dict[str, set[str]] = {}
    for number, entry in enumerate(entries):
        spec = TYPES[standard_model()[ENTITY].columns[entry.column].type]
        options = {"region": source.region} if "region" in spec.options else {}
        for place, raw in enumerate(entry.values):
            answer = spec.standardise(raw, **options)
            if answer.value is None and answer.reason != "placeholder":
                raise StageError(
                    f"The list {FILE} has a value that is no {entry.column} (entry {number + 1}, value {place + 1}):"
                    " write it as standardised.suspects shows it."
                )
            if answer.value is not None:
                found.setdefault(entry.column, set()).update(filter(None, (str(answer.value), answer.key)))
    return {column: frozenset(values) for column, values in found.items()}


def without(result: ColumnResult, listed: frozenset[str]) -> ColumnResult:
    """The column without the values that are listed; their reason is `placeholder`."""
    refused = result.canonical.astype("str").isin(listed) & result.canonical.notna()
    if result.key is not None:
        refused = refused | result.key.isin(listed)
    if not refused.any():
        return result

    def emptied(values: pd.Series) -> pd.Series:
        kept: pd.Series = values.where(~refused, None)
        return kept

    return ColumnResult(
        canonical=emptied(result.canonical),
        key=None if result.key is None else emptied(result.key),
        parts={part: emptied(values) for part, values in result.parts.items()},
        flags=None if result.flags is None else emptied(result.flags),
        reason=result.reason.where(~refused, "placeholder"),
    )
