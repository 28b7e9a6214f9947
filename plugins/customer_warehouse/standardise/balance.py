"""What standardise must conserve, for each mapping and over all that is known, not only what changed tonight:

- rows that `raw` should give = rows in the standard table + rows rejected;
- for each number and sum of money, to its last digit: what `raw` says = what stands + what was rejected with its row.

The `raw` side is worked out in SQL, independently of the code that moves the rows, where the source writes a plain
number or one with usual marks (`NT$1,280`); of what is written in another way (`12元5角`, `(5)`) only the pieces are
counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from customer_warehouse.database import Connection, quoted, statement
from customer_warehouse.ops.conservation import ROWS, Balance
from customer_warehouse.standardise.model import StandardEntity
from customer_warehouse.standardise.raw_rows import RawRows
from customer_warehouse.standardise.raw_values import (
    RawValues,
    as_number,
    count_of_others,
    is_number,
    sum_of_numbers,
    with_point,
)
from customer_warehouse.standardise.reject_rows import numbers_of

WHAT_TO_DO = (
    "The tables in question are forgotten: run the night again and they are made anew from raw. If it comes back,"
    " the mapping or the type of that column does not do what it says."
)


def mapping_balances(
    connection: Connection, raw: RawRows, entity: StandardEntity, identity: dict[str, Any]
) -> list[Balance]:
    """The balances of one mapping; `identity` has its source, its origin and the night's as_of."""
    mapping = raw.mapping
    values = RawValues(mapping.each)
    texts = {name: text for name in numbers_of(entity, mapping) if (text := values.text(mapping.columns[name]))}
    marks = {name: mapping.columns[name].options.get("decimal", ".") for name in texts}
    came_as = {name: with_point(text, marks[name]) for name, text in texts.items()}
    kept_as = {name: with_point(quoted(f"{name}_raw"), marks[name]) for name in texts}
    lost_as = {name: with_point(f"(amounts ->> '{name}')", marks[name]) for name in texts}
    column = {name: quoted(f"{name}_text") for name in texts}
    negated = {name: bool(mapping.columns[name].options.get("negate")) for name in texts}

    def numbers(of: dict[str, str], origin: str, *others: str) -> str:
        """SQL of the texts, each worked out once (`offset 0`), however often it is looked at."""
        texts = ", ".join([*others, *(f"{text} as {quoted(f'{name}_text')}" for name, text in of.items())])
        read = ", ".join([*others, *(f"{as_number(column[name])} as {column[name]}" for name in of)])
        return f"(select {read} from (select {texts} from {origin} offset 0) as given offset 0) as texts"

    came = _figures(
        connection,
        [
            part
            for name in texts
            for part in (sum_of_numbers(column[name], negated[name]), count_of_others(column[name]))
        ],
        numbers(came_as, f"({raw.latest(changed=False)}) as r{values.joins}"),
        identity,
    )
    mine = "source = %(source)s and origin = %(origin)s"
    stand = _figures(
        connection,
        [
            part
            for name in texts
            for part in (
                f"coalesce(sum({quoted(name)}) filter (where {is_number(column[name])}), 0)",
                count_of_others(column[name]),
            )
        ],
        numbers(kept_as, f"{quoted('standardised', mapping.entity)} where {mine}", *map(quoted, texts)),
        identity,
    )
    lost = _figures(
        connection,
        [
            part
            for name in texts
            for part in (
                sum_of_numbers(column[name], negated[name]),
                count_of_others(f"(case when row_rejected then {column[name]} end)"),
            )
        ],
        numbers(lost_as, f"standardised.rejects where {mine}", "row_rejected"),
        identity,
        rows="count(*) filter (where row_rejected)",
    )
    whats = [ROWS, *(what for name in texts for what in (name, f"{name} in other writing"))]
    return [
        Balance(identity["source"], identity["origin"], what, *_sides(figures))
        for what, *figures in zip(whats, came, stand, lost, strict=True)
    ]


def _sides(figures: Sequence[Decimal]) -> tuple[Decimal, dict[str, Decimal]]:
    came, stand, lost = figures
    return came, {"standardised": stand, "rejected": lost}


def _figures(
    connection: Connection, parts: list[str], origin: str, parameters: dict[str, Any], rows: str = "count(*)"
) -> list[Decimal]:
    query = f"select {', '.join([rows, *parts])} from {origin}"
    row = connection.execute(statement(query), parameters).fetchone()
    assert row is not None
    return [Decimal(figure) for figure in row]
