"""What a load rejected, on its way to `standardised.rejects`: with an identity and the numbers that are lost with it.

A reject is known by where it was found and what was wrong with it: source, mapping, raw rows, key, column, reason and a
hash of the value. The same bad row of the next night is therefore the same reject.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa

from customer_warehouse.database import Connection, copy_arrow, quoted, statement
from customer_warehouse.extract.declaration import StandardMap
from customer_warehouse.standardise.model import StandardEntity

Reject = dict[str, Any]
Place = tuple[str, str]
COLUMNS = ("unit", "source_key", "column_name", "raw_value", "reason", "row_rejected", "amounts")


def numbers_of(entity: StandardEntity, mapping: StandardMap) -> list[str]:
    """The mapped columns that hold numbers or money."""
    return [name for name in mapping.columns if entity.columns[name].type in ("money", "number")]


def with_amounts(
    rejects: list[Reject], units: pd.Series, keys: pd.Series, numbers: Mapping[str, pd.Series]
) -> list[Reject]:
    """Add to each reject the numbers that are lost with it, as the source wrote them: of a row all, else its own.

    `units`, `keys` and `numbers` are those of all rows of the chunk.
    """
    rows = _rows(units, keys, numbers, {reject["unit"] for reject in rejects}) if numbers and rejects else {}
    lost = {(reject["unit"], reject["source_key"]) for reject in rejects if reject["row_rejected"]}
    for reject in rejects:
        place = (reject["unit"], reject["source_key"])
        amounts: dict[str, str] = {}
        if reject["row_rejected"] and rows.get(place):
            # Of several rows with one key the first stands, or was rejected for something else.
            amounts = rows[place].pop(-1 if reject["reason"] == "key_repeated" else 0)
        elif place not in lost and reject["column_name"] in numbers and reject["raw_value"] is not None:
            amounts = {reject["column_name"]: reject["raw_value"]}
        reject["amounts"] = json.dumps(amounts) if amounts else None
    return rejects


def _rows(
    units: pd.Series, keys: pd.Series, numbers: Mapping[str, pd.Series], of: set[str]
) -> dict[Place, list[dict[str, str]]]:
    """The numbers of every row of the units `of`, by unit and key (or unit and unit, without a key), in their order."""
    positions = units.isin(of).to_numpy(dtype=bool).nonzero()[0]
    columns = [numbers[name].take(positions).tolist() for name in numbers]
    rows: dict[Place, list[dict[str, str]]] = defaultdict(list)
    for unit, key, *values in zip(units.take(positions), keys.take(positions), *columns, strict=True):
        given = {name: text for name, text in zip(numbers, values, strict=True) if isinstance(text, str)}
        rows[unit, key if isinstance(key, str) else unit].append(given)
    return rows


class RejectRows:
    """The rejects of one load; `identity` has its source, its origin and the night's as_of."""

    def __init__(self, connection: Connection, identity: dict[str, Any], entity: str) -> None:
        self.connection = connection
        self.identity = identity | {"entity": entity}
        connection.execute(
            "create temporary table new_rejects (unit text, source_key text, column_name text, raw_value text,"
            " reason text, row_rejected boolean, amounts jsonb) on commit drop"
        )

    def add(self, rejects: list[Reject]) -> None:
        """Take the rejects of a chunk."""
        if rejects:
            rows = {name: [reject[name] for reject in rejects] for name in COLUMNS}
            copy_arrow(self.connection, "new_rejects", pa.table(rows))

    def add_repeated(self, table: str, numbers: list[str]) -> None:
        """Take the rows of standard_rows whose key another row of the source has, in them or in `table`."""
        amounts = ", ".join(f"'{name}', {quoted(f'{name}_raw')}" for name in numbers)
        self.connection.execute(
            statement(
                f"""
                insert into new_rejects
                select unit, source_key, 'source_key', null, 'key_repeated', true,
                    jsonb_strip_nulls(jsonb_build_object({amounts}))
                from (
                    select n.*, row_number() over (partition by n.source_key order by n.unit) as repetition,
                        t.source_key is not null as taken
                    from standard_rows as n
                    left join {table} as t on t.source = n.source and t.source_key = n.source_key
                ) as rows
                where repetition > 1 or taken
                """
            )
        )

    def write(self) -> None:
        """Bring all that was taken into `standardised.rejects`, as first seen in this night."""
        self.connection.execute(
            """
            insert into standardised.rejects (reject_id, source, origin, unit, entity, source_key, column_name,
                raw_value, reason, row_rejected, amounts, first_seen_as_of, last_seen_as_of)
            select
                cast(md5(concat_ws(chr(31), %(source)s::text, %(origin)s::text, unit, source_key, column_name, reason,
                    md5(coalesce(raw_value, '')), row_number() over (
                        partition by unit, source_key, column_name, reason, coalesce(raw_value, '')
                        order by row_rejected desc, amounts
                    ))) as uuid),
                %(source)s, %(origin)s, unit, %(entity)s, source_key, column_name, raw_value, reason, row_rejected,
                amounts, %(as_of)s, %(as_of)s
            from new_rejects
            """,
            self.identity,
        )
