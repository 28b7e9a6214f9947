"""Values that are nobody's, for people: which are in force, which the night proposes, and adding one.

The night writes `identity.bypass_proposals`; a person answers for every row of `identity.bypass`.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from customer_warehouse.database import Connection, scalar, statement
from customer_warehouse.identity.records import FROM_STANDARDISED
from customer_warehouse.ops.ledger import StageError

COLUMNS = ("phone", "email_key", "account_id", "member_number", "national_id")
"""Columns of a record whose values can be nobody's."""
HASH = "encode(sha256(convert_to({}, 'UTF8')), 'hex')"
NUMBER_LENGTH = 8
SHORTEST_NUMBER = 4


class Proposal(NamedTuple):
    """A value that more different people share than its rule believes."""

    number: str
    """By which people name it; the same every night."""
    column: str
    value: str
    """Masked, or the value itself for whoever asked."""
    records: int
    names: int
    """At least so many different names and birth dates that it speaks of."""
    since: datetime


def proposed(connection: Connection, unmasked: bool = False) -> list[Proposal]:
    """What is proposed and not yet taken up, those of most people first."""
    found = connection.execute(
        statement(
            f"""
            select left(value_hash, {NUMBER_LENGTH}), column_name, masked, records, names, since, value_hash
            from identity.bypass_proposals as proposal
            where not exists (
                select from identity.bypass
                where bypass.column_name = proposal.column_name and {HASH.format("bypass.value")} = proposal.value_hash
                    and (bypass.expires_at is null or bypass.expires_at > clock_timestamp())
            )
            order by names desc, records desc, column_name, value_hash
            """
        )
    ).fetchall()
    return [
        Proposal(number, column, _value(connection, column, digest) or masked if unmasked else masked, *rest)
        for number, column, masked, *rest, digest in found
    ]


def _value(connection: Connection, column: str, digest: str) -> str | None:
    """The value of this SHA-256; None when no record has it any more."""
    if column not in COLUMNS:
        return None
    name = f"({FROM_STANDARDISED[column]})::text"
    query = f"select {name} from standardised.customers where {name} <> '' and {HASH.format(name)} = %s limit 1"
    found: str | None = scalar(connection, query, (digest,))
    return found


def named(connection: Connection, name: str) -> tuple[str, str]:
    """Column and value of `column:value`, or of a proposal's number. Raises StageError when it is neither."""
    column, mark, value = name.partition(":")
    if mark:
        if column not in COLUMNS or not value.strip():
            raise StageError(f"Write it as column:value; the columns are {', '.join(COLUMNS)}.")
        return column, value.strip().lower() if column == "email_key" else value.strip()
    found = connection.execute(
        "select distinct column_name, value_hash from identity.bypass_proposals where starts_with(value_hash, %s)",
        (name,),
    ).fetchall()
    if len(name) < SHORTEST_NUMBER or len(found) != 1:
        raise StageError(
            "No one proposal has a number like that; `identity bypass propose` lists them. A value of your own is"
            " written as phone:+886223456789."
        )
    ((column, digest),) = found
    proposal = _value(connection, column, digest)
    if proposal is None:
        raise StageError("No record has the proposed value any more, so there is nothing to take out.")
    return column, proposal


def holders(connection: Connection, column: str, value: str) -> int:
    """How many records have the value; `*` stands for any characters."""
    pattern = value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%")
    query = f"select count(*) from standardised.customers where ({FROM_STANDARDISED[column]})::text like %s"
    return int(scalar(connection, query, (pattern,)))


def add(
    connection: Connection, column: str, value: str, owner: str, reason: str, expires_at: datetime | None = None
) -> None:
    """Say that a value is nobody's; whoever said so before is replaced. The caller commits."""
    connection.execute(
        """
        insert into identity.bypass (column_name, value, owner, reason, expires_at) values (%s, %s, %s, %s, %s)
        on conflict (column_name, value) do update
        set owner = excluded.owner, reason = excluded.reason, expires_at = excluded.expires_at
        """,
        (column, value, owner, reason, expires_at),
    )
