"""The review queue: pairs of records that the last night left for people to decide.

The night writes `identity.review_queue`; a decision taken since then takes its pair off the list at once, and the next
night follows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from customer_warehouse.database import Connection, statement
from customer_warehouse.identity.stable_ids import RecordKey
from customer_warehouse.ops.ledger import StageError

NUMBER = (
    "left(md5(concat_ws(chr(31), queue.source_a, queue.key_a, queue.source_b, queue.key_b)), 8)"  # the same every night
)
SHORTEST_NUMBER = 4
OPEN = f"""
    select {NUMBER}, source_a, key_a, source_b, key_b, probability, weight, cause, since, customer_a, customer_b
    from identity.review_queue as queue
    where not exists (
        select from identity.overrides as decided
        where decided.withdrawn_at is null
            and (decided.expires_at is null or decided.expires_at > clock_timestamp())
            and (
                (decided.source_a, decided.key_a, decided.source_b, decided.key_b)
                = (queue.source_a, queue.key_a, queue.source_b, queue.key_b)
                or (decided.source_b, decided.key_b, decided.source_a, decided.key_a)
                = (queue.source_a, queue.key_a, queue.source_b, queue.key_b)
            )
    )
"""


@dataclass(frozen=True)
class Review:
    """A pair that waits for a decision."""

    number: str
    """By which people name it; the same every night."""
    a: RecordKey
    b: RecordKey
    probability: float | None
    weight: float | None
    cause: str
    since: datetime
    """The night from which on it has waited."""
    customer_a: str
    customer_b: str


def waiting(connection: Connection, limit: int | None = None, customer: str | None = None) -> list[Review]:
    """The pairs that wait, most probable first; of one customer, when one is given."""
    query = OPEN + "and (%(customer)s::text is null or %(customer)s in (customer_a, customer_b))"
    order = " order by probability desc nulls last, source_a, key_a, source_b, key_b limit %(limit)s"
    return _read(connection, query + order, {"customer": customer, "limit": limit})


def how_many(connection: Connection) -> dict[str, int]:
    """The pairs that wait, by cause."""
    query = f"select cause, count(*) from ({OPEN}) as queue group by cause order by cause"
    return dict(connection.execute(statement(query)).fetchall())


def numbered(connection: Connection, number: str) -> Review:
    """The pair whose number begins like this. Raises StageError when there is none or several."""
    if len(number) < SHORTEST_NUMBER:
        raise StageError(f"Give at least {SHORTEST_NUMBER} characters of the number that `review list` shows.")
    found = _read(connection, OPEN + f"and starts_with({NUMBER}, %(number)s) limit 2", {"number": number})
    if len(found) != 1:
        raise StageError(
            f"{'No pair' if not found else 'More than one pair'} that waits for a decision has a number like that."
        )
    return found[0]


def _read(connection: Connection, query: str, parameters: dict[str, str | int | None]) -> list[Review]:
    return [
        Review(number, RecordKey(source_a, key_a), RecordKey(source_b, key_b), *rest)
        for number, source_a, key_a, source_b, key_b, *rest in connection.execute(statement(query), parameters)
    ]
