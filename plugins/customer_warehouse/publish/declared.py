"""The published marts as their YAML twins declare them: columns, types, meanings, and which of them name a person.

`config.meta` of a column says `personal` (direct, indirect or none), `unit`, `source`, `references` and `zh`, the
meaning in traditional Chinese; `config.meta` of the model says `zh`, and the `source` of the columns that name none.
A mart that is made of segments says `after_segments`.
The meaning in simplified Chinese is made by OpenCC with the words of the mainland, unless `zh_hans` gives it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from customer_warehouse.ops.batches import BATCH, UNTIL
from customer_warehouse.ops.ledger import StageError

Personal = Literal["direct", "indirect", "none"]
"""direct: says who somebody is or reaches them (names, numbers, addresses, exact birth dates, free text).
indirect: tells something of one person who is known by an id only. none: tells nothing of one person."""

VERSIONS = "batch_versions"
"""The incremental strategy of the marts that keep versions of their rows."""
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same safe reading, in C where PyYAML was built with it: ten times as fast."""
NUMBERS = ("smallint", "integer", "bigint", "numeric", "double precision")
UNITS = {
    "date": "business day",
    "timestamptz": "moment, UTC",
    "timestamp with time zone": "moment, UTC",
    "boolean": "true or false",
}
AS_OF = "data_as_of"
AS_OF_MEANING = "End of the night whose data this is; nothing later is known."
COMMON: dict[str, dict[str, str]] = {
    AS_OF: {"personal": "none", "source": "night", "zh": "資料截止時間：當夜結束的時刻，之後發生的事不在其中"}
}
"""Columns that mean the same in every mart and need no `meta` of their own."""


class Meta(BaseModel):
    """`config.meta` of a column or a model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    personal: Personal | None = None
    unit: str | None = None
    source: str | None = None
    references: str | None = None
    """`mart.column` that every value of the column is found in."""
    zh: str | None = None
    zh_hans: str | None = None
    after_segments: bool = False
    """Of a mart: its rows of a night are made after the night is published, when its segments have been."""
    touched_keys: str | None = None
    touched_unit: str | None = None
    """Of a mart that keeps versions: the model that lists what is looked at again tonight, and the column it names."""


class Column(BaseModel):
    """A column that readers see."""

    model_config = ConfigDict(frozen=True)

    name: str
    data_type: str
    description: str
    meta: Meta
    source: str | None
    """Where its values come from: a table, a seed or a stage."""

    @property
    def unit(self) -> str | None:
        """What its values count or are written in; None for a number that nobody gave one."""
        return self.meta.unit or UNITS.get(self.data_type, None if self.data_type in NUMBERS else "text")

    @property
    def is_direct(self) -> bool:
        """Whether it may say who somebody is; a column that nobody has classified counts as if it did."""
        return self.meta.personal in (None, "direct")

    @property
    def zh_hans(self) -> str | None:
        """The meaning in simplified Chinese."""
        return self.meta.zh_hans or (simplified(self.meta.zh) if self.meta.zh else None)


class Mart(BaseModel):
    """A published relation."""

    model_config = ConfigDict(frozen=True)

    name: str
    description: str
    meta: Meta
    key: tuple[str, ...]
    """The columns that name a row within a night."""
    columns: tuple[Column, ...]
    """What readers see, in their order; without the batch."""
    versions: bool = False
    """Whether a batch is no copy of all rows; `data_as_of` then is not stored but that of the pointer."""

    @property
    def zh_hans(self) -> str | None:
        """The meaning in simplified Chinese."""
        return self.meta.zh_hans or (simplified(self.meta.zh) if self.meta.zh else None)


def declared_marts(dbt_project_dir: Path) -> list[Mart]:
    """The published marts, by name. Raises StageError when a twin cannot be used."""
    marts = []
    for file in sorted((dbt_project_dir / "models" / "marts" / "published").glob("*.yml")):
        try:
            models = (yaml.load(file.read_text(encoding="utf-8"), LOADER) or {}).get("models") or []
            marts += [_mart(model) for model in models]
        except (yaml.YAMLError, KeyError, TypeError, AttributeError, ValidationError) as error:
            raise StageError(f"The mart declared in {file.name} cannot be used; correct it: {error}") from error
    return sorted(marts, key=lambda mart: mart.name)


def _mart(model: dict[str, Any]) -> Mart:
    meta = Meta.model_validate((model.get("config") or {}).get("meta") or {})
    tests = [
        (kind, given)
        for test in model.get("data_tests") or []
        if isinstance(test, dict)
        for kind, given in test.items()
    ]
    keys = [given["arguments"]["columns"] for kind, given in tests if kind == "key"]
    versions = (model.get("config") or {}).get("incremental_strategy") == VERSIONS
    columns = [column for column in model["columns"] if column["name"] not in (BATCH, UNTIL)]
    if versions:
        columns.append({"name": AS_OF, "data_type": "timestamptz", "description": AS_OF_MEANING})
    return Mart(
        name=model["name"],
        description=model["description"],
        meta=meta,
        key=tuple(name for name in (keys[0] if keys else ()) if name != BATCH),
        columns=tuple(_column(column, meta) for column in columns),
        versions=versions,
    )


def _column(column: dict[str, Any], mart: Meta) -> Column:
    given = (column.get("config") or {}).get("meta") or {}
    meta = Meta.model_validate({**COMMON.get(column["name"], {}), **given})
    return Column(
        name=column["name"],
        data_type=column["data_type"],
        description=column["description"],
        meta=meta,
        source=meta.source or mart.source,
    )


@cache
def simplified(text: str) -> str:
    """Traditional Chinese of Taiwan in simplified characters and mainland words."""
    from opencc import OpenCC  # takes a tenth of a second to load

    return str(OpenCC("tw2sp").convert(text))
