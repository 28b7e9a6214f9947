"""The dictionary: what every published mart and column means, for the mart `dictionary` to show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from customer_warehouse.database import Connection
from customer_warehouse.publish.contracts import Contract
from customer_warehouse.publish.declared import Mart

WHOLE = "*"
"""The column name of the row that speaks for the mart."""


def note(connection: Connection, marts: Sequence[Mart], contracts: Mapping[str, Contract]) -> None:
    """Write what `marts` declare to `ops.mart_columns`, in place of what was there; the caller commits."""
    connection.execute("delete from ops.mart_columns")
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.mart_columns (relation, column_name, column_position, data_type, unit, meaning_en,"
            " meaning_zh_hant, meaning_zh_hans, source, personal, is_key, refers_to, contract_version)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [row for mart in marts for row in rows(mart, contracts.get(mart.name))],
        )


def rows(mart: Mart, contract: Contract | None) -> Iterator[tuple[Any, ...]]:
    """The rows of a mart: one for itself and one for each of its columns, in the order in which `note` writes them."""
    version = contract.version if contract else 1
    classes = {column.meta.personal or "direct" for column in mart.columns}
    personal = next(word for word in ("direct", "indirect", "none") if word in classes)
    meaning = (mart.description, mart.meta.zh, mart.zh_hans)
    yield (mart.name, WHOLE, 0, None, None, *meaning, mart.meta.source, personal, False, None, version)
    for position, column in enumerate(mart.columns, 1):
        yield (
            *(mart.name, column.name, position, column.data_type, column.unit),
            *(column.description, column.meta.zh, column.zh_hans, column.source, column.meta.personal or "direct"),
            *(column.name in mart.key, column.meta.references, version),
        )
