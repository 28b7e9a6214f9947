"""What to mend first: the rejects that stand, grouped by what is wrong, with what they cost and since when.

Nothing here shows a value of a person: samples are shapes (`masking.py`), and only codes are shown as they are.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from customer_warehouse.database import Connection, quoted, scalar, statement
from customer_warehouse.night import Night
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.rejects.masking import masked_key, shape, shown_code
from customer_warehouse.standardise.model import standard_model
from customer_warehouse.standardise.raw_values import is_number

AT_STAKE = {
    "orders": "total_amount",
    "order_lines": "quantity * unit_price - coalesce(discount_amount, 0)",
    "returns": "coalesce(amount, quantity * unit_price)",
}
"""What a rejected row of an entity is worth, from the numbers that were lost with it; null when one is unreadable."""
NUMBERS = ("total_amount", "quantity", "unit_price", "discount_amount", "amount")
DISTINCT_SAMPLES = 200
"""So many of the most frequent values of a group are looked at for its shapes."""
SHAPES = 3
LONGEST_LIST = 1_000
STANDING = """
    select reject_id, source, origin, entity, unit, source_key, column_name, raw_value, reason, row_rejected, amounts,
        first_seen_as_of, last_seen_as_of, nights
    from standardised.rejects
"""
OF_AN_OTHER_NIGHT = """
    select s.reject_id, s.source, s.origin, s.entity, null as unit, s.source_key, s.column_name, null as raw_value,
        s.reason, s.row_rejected, cast(null as jsonb) as amounts, h.first_seen_as_of, %(as_of)s as last_seen_as_of,
        (select cast(count(*) as integer) from standardised.reject_nights as n
            where n.as_of between h.first_seen_as_of and %(as_of)s) as nights
    from standardised.reject_spells as s
    join standardised.reject_history as h on h.reject_id = s.reject_id
    where s.from_as_of <= %(as_of)s and (s.until_as_of is null or s.until_as_of > %(as_of)s)
"""
"""What stood in a night that the tables show no more: without its values, which are not kept."""


@dataclass(frozen=True)
class Problem:
    """Rejects with one cause: the same source, entity, column and reason."""

    source: str
    entity: str
    column: str
    reason: str
    rejects: int
    rows_lost: int
    money: Decimal | None
    """Money of the rows that were lost, in the source's currency; None where it is not known."""
    since: datetime
    nights: int
    """In how many nights the oldest of them stood."""
    samples: list[str]
    """The most frequent shapes of the values, each with how many have it."""


@dataclass(frozen=True)
class Code:
    """A code that a source delivers and its declaration does not map."""

    source: str
    entity: str
    column: str
    code: str
    """As it is, or its shape when it may be personal."""
    rows: int
    rows_lost: int
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Isolated:
    """Rows of the night that could not even be landed, by source, entity and reason."""

    source: str
    entity: str
    reason: str
    places: int
    rows: int


def night_shown(connection: Connection) -> datetime:
    """The as_of of the night that the standard tables show. Raises StageError when there is none."""
    as_of = None
    if scalar(connection, "select to_regclass('standardised.reject_nights')"):
        as_of = scalar(connection, "select max(as_of) from standardised.loads")
    if as_of is None:
        raise StageError("Nothing has been standardised yet; run a night first.")
    return datetime.fromisoformat(as_of.isoformat())


def rejects_of(connection: Connection, night: Night | None) -> str:
    """SQL of what stands, or stood in the night that is asked for; it takes `as_of`.

    Raises StageError for a night whose rejects are not known.
    """
    if night is None or night.as_of == night_shown(connection):
        return STANDING
    if scalar(connection, "select count(*) from standardised.reject_nights where as_of = %s", (night.as_of,)) == 0:
        raise StageError(f"The rejects of {night.date} are not known: that night has not been standardised.")
    return OF_AN_OTHER_NIGHT


def problems(connection: Connection, night: Night | None, limit: int) -> list[Problem]:
    """What costs most first: by rows lost, their money, and the number of rejects."""
    numbers = ", ".join(
        f"case when {is_number(amount)} then cast({amount} as numeric) end as {quoted(name)}"
        for name in NUMBERS
        for amount in [f"(amounts ->> '{name}')"]
    )
    worth = " ".join(f"when '{entity}' then {sql}" for entity, sql in AT_STAKE.items())
    standing = rejects_of(connection, night)
    rows = connection.execute(
        statement(
            f"""
            select source, entity, column_name, reason, count(*), count(*) filter (where row_rejected),
                sum(abs(case when row_rejected then case entity {worth} end end)), min(first_seen_as_of), max(nights)
            from (select *, {numbers} from ({standing}) as standing) as rejects
            group by source, entity, column_name, reason
            order by 6 desc, 7 desc nulls last, 5 desc, 1, 2, 3, 4
            limit %(limit)s
            """
        ),
        {"as_of": night and night.as_of, "limit": limit},
    ).fetchall()
    found = []
    for source, entity, column, reason, count, lost, money, since, nights in rows:
        samples = _samples(connection, source, entity, column, reason) if standing is STANDING else []
        found.append(Problem(source, entity, column, reason, count, lost, money, since, nights, samples))
    return found


def unmapped_codes(connection: Connection, limit: int) -> list[Code]:
    """The work list of code maps, the codes of most rows first."""
    rows = connection.execute(
        "select source, entity, column_name, code, rows, rows_rejected, first_seen_as_of, last_seen_as_of"
        " from standardised.unmapped_codes order by rows_rejected desc, rows desc, 1, 2, 3, 4 limit %s",
        (limit,),
    ).fetchall()
    return [
        Code(source, entity, column, shown_code(code, count), count, lost, since, until)
        for source, entity, column, code, count, lost, since, until in rows
    ]


def isolated(connection: Connection, as_of: datetime) -> list[Isolated]:
    """What of the night could not be landed, most rows first."""
    rows = connection.execute(
        "select source, entity, reason, count(*), cast(sum(rows) as bigint) from ops.isolated where as_of = %s"
        " group by 1, 2, 3 order by 5 desc, 1, 2, 3",
        (as_of,),
    ).fetchall()
    return [Isolated(*row) for row in rows]


def masked(entity: str, column: str, value: str | None, rows: int = 1) -> str:
    """The value as it may be shown; `rows` rows have it."""
    known = standard_model().get(entity)
    is_code = known is not None and column in known.columns and known.columns[column].type == "code"
    return shown_code(value, rows) if is_code else shape(value)


def listed(connection: Connection, filters: dict[str, str], state: str, limit: int) -> list[dict[str, Any]]:
    """Single rejects, newest first; `filters` are column names of `standardised.reject_history` and their values."""
    conditions = "".join(f" and h.{quoted(name)} = %({name})s" for name in filters)
    rows = connection.execute(
        statement(
            f"""
            select h.reject_id, h.state, h.source, h.entity, h.source_key, h.column_name, h.reason, h.row_rejected,
                r.raw_value, h.first_seen_as_of, h.last_seen_as_of, h.nights, h.resolved_as_of
            from standardised.reject_history as h
            left join standardised.rejects as r on r.reject_id = h.reject_id
            where (%(state)s = 'all' or h.state = %(state)s){conditions}
            order by h.row_rejected desc, h.first_seen_as_of desc, h.source, h.entity, h.source_key, h.column_name
            limit %(limit)s
            """
        ),
        {**filters, "state": state, "limit": min(limit, LONGEST_LIST)},
    ).fetchall()
    names = ("id", "state", "source", "entity", "key", "column", "reason", "row_lost", "sample", "first_seen",
             "last_seen", "nights", "resolved")  # fmt: skip
    found = [dict(zip(names, row, strict=True)) for row in rows]
    for row in found:
        is_open = row["state"] == "open"
        row["sample"] = masked(row["entity"], row["column"], row["sample"]) if is_open else ""
        row["key"] = masked_key(row["key"])
    return found


def _samples(connection: Connection, source: str, entity: str, column: str, reason: str) -> list[str]:
    """The most frequent shapes of a group's values, with how many have them."""
    values = connection.execute(
        """
        select raw_value, count(*) from standardised.rejects
        where source = %s and entity = %s and column_name = %s and reason = %s and raw_value is not null
        group by raw_value order by 2 desc, 1 limit %s
        """,
        (source, entity, column, reason, DISTINCT_SAMPLES),
    ).fetchall()
    shapes: Counter[str] = Counter()
    for value, rows in values:
        shapes[masked(entity, column, value, rows)] += rows
    return [f"{sample} ×{rows:,}" for sample, rows in shapes.most_common(SHAPES)]
