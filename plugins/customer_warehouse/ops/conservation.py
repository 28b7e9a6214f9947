"""Conservation: what came to a border is what left it, counted from the tables themselves, every night.

Two kinds of figures are compared, all exact, and all kept in `ops.conservation`:

- a **balance** of a stage: rows or money that came = the parts they became;
- a **stock**: a stage that has finished hands its tables on with their rows and the sum of each of their numbers; who
  reads them next looks again. So a row that is lost between two stages is found, too.

A difference is critical: the stage that finds it stops the night.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from customer_warehouse.database import Connection, connect, quoted, statement
from customer_warehouse.night import Night
from customer_warehouse.ops.batches import rows_of
from customer_warehouse.ops.ledger import StageError

SHOWN = 5
"""How many differences an error message names; all are in `ops.conservation`."""
EVERY_SOURCE = "*"
ROWS = "rows"
Amount = int | Decimal


@dataclass(frozen=True)
class Balance:
    """One figure at one border: `came` should be the sum of `parts`."""

    source: str
    entity: str
    what: str
    """`rows`, or the name of a sum of money or numbers."""
    came: Amount
    parts: Mapping[str, Amount] = field(default_factory=dict)

    @property
    def difference(self) -> Decimal:
        """What came and is in no part; negative when the parts hold more than came."""
        return Decimal(self.came) - sum((Decimal(part) for part in self.parts.values()), Decimal(0))

    def __str__(self) -> str:
        parts = " + ".join(f"{Decimal(amount):f} {name}" for name, amount in self.parts.items())
        return f"{self.source} {self.entity} {self.what}: {Decimal(self.came):f} came and are {parts}"


def hold(url: str, night: Night, border: str, balances: Sequence[Balance], what_to_do: str) -> None:
    """Record the balances of a border, and raise StageError when one of them has a difference.

    They are written through a connection of their own, so that they stay when the stage's work is rolled back.
    `what_to_do` is a sentence that ends the error's message.
    """
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into ops.conservation (run_id, border, source, entity, what, amount_in, parts, difference, as_of)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
            on conflict (run_id, border, source, entity, what) do update set
                amount_in = excluded.amount_in, parts = excluded.parts, difference = excluded.difference,
                as_of = excluded.as_of, taken_at = clock_timestamp()
            """,
            [
                (
                    *(night.run_id, border, balance.source, balance.entity, balance.what, balance.came),
                    *(_in_numbers(balance.parts), balance.difference, night.as_of),
                )
                for balance in balances
            ],
        )
    wrong = [balance for balance in balances if balance.difference]
    if wrong:
        more = f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise StageError(
            f"Rows or money were lost or doubled before {border} was over:"
            f" {'; '.join(map(str, wrong[:SHOWN]))}{more}. ops.conservation has every figure. {what_to_do}"
        )


def hand_over(connection: Connection, night: Night, tables: Iterable[str], batch_id: int | None = None) -> None:
    """Remember what each of `tables` (`schema.name`) holds now, for the stage that reads it next; the caller commits.

    With `batch_id` only the rows of that batch count.
    """
    for table in tables:
        totals = _totals(connection, table, [ROWS, *_numbers(connection, table)], batch_id)
        connection.execute("delete from ops.stocks where table_name = %s", (table,))
        for what, amount in totals.items():
            connection.execute(
                "insert into ops.stocks (table_name, what, amount, batch_id, as_of, run_id)"
                " values (%s, %s, %s, %s, %s, %s)",
                (table, what, amount, batch_id, night.as_of, night.run_id),
            )


def taken_over(connection: Connection, tables: Iterable[str], batch_id: int | None = None) -> list[Balance]:
    """What was handed over in each of `tables` against what is there now.

    A table that nobody handed over has no balance, nor has one of which another batch was.
    """
    balances: list[Balance] = []
    for table in tables:
        stocks = connection.execute(
            "select what, amount from ops.stocks where table_name = %s and batch_id is not distinct from %s"
            " order by what",
            (table, batch_id),
        ).fetchall()
        if stocks:
            found = _totals(connection, table, [what for what, _ in stocks], batch_id)
            balances += [
                Balance(EVERY_SOURCE, table, f"{what} handed over", amount, {"found": found[what]})
                for what, amount in stocks
            ]
    return balances


def _numbers(connection: Connection, table: str) -> list[str]:
    """The table's columns that hold exact numbers with decimals: money and quantities."""
    rows = connection.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
        " and atttypid = 'numeric'::regtype order by attname",
        (table,),
    )
    return [name for (name,) in rows]


def _totals(connection: Connection, table: str, whats: Sequence[str], batch_id: int | None) -> dict[str, Decimal]:
    """The rows of the table and the sums of its columns, by name; all nought when the table is not there."""
    if connection.execute("select to_regclass(%s)", (table,)).fetchone() == (None,):
        return dict.fromkeys(whats, Decimal(0))
    sums = ", ".join("count(*)" if what == ROWS else f"coalesce(sum({quoted(what)}), 0)" for what in whats)
    only = "" if batch_id is None else f" where {rows_of(connection, table, batch_id)}"
    row = connection.execute(statement(f"select {sums} from {quoted(*table.split('.'))}{only}")).fetchone()
    assert row is not None
    return {what: Decimal(amount) for what, amount in zip(whats, row, strict=True)}


def _in_numbers(parts: Mapping[str, Amount]) -> str:
    """The parts as JSON with every digit; a float would lose cents."""
    return "{" + ", ".join(f"{json.dumps(name)}: {Decimal(amount):f}" for name, amount in parts.items()) + "}"


def balances(connection: Connection, query: str, parts: Sequence[str]) -> list[Balance]:
    """Balances by a query that gives source, entity, what, what came, and then one column for each of `parts`."""
    return [
        Balance(source, entity, what, Decimal(came), dict(zip(parts, map(Decimal, amounts), strict=True)))
        for source, entity, what, came, *amounts in connection.execute(statement(query)).fetchall()
    ]
