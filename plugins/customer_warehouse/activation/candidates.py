"""The members of a segment with what is known of them, read one by one however many there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from customer_warehouse.activation.consent import COLUMNS, ContactPoint, Decision, decide
from customer_warehouse.activation.segments import ChannelName, Segment
from customer_warehouse.database import Connection, quoted, scalar, statement
from customer_warehouse.night import Night
from customer_warehouse.ops.ledger import StageError

FETCH_ROWS = 5_000
EXCLUDED = "activation_excluded"


@dataclass(frozen=True)
class Candidate:
    """One member of a segment and the decision on each of its channels."""

    customer_id: str
    full_name: str | None
    reason: str | None
    """Why the customer is in the segment."""
    decisions: dict[ChannelName, Decision]


def published_batch(connection: Connection, night: Night) -> int:
    """The batch of the marts that readers see. Raises StageError when it is not this night's."""
    row = connection.execute("select batch_id, night from ops.published").fetchone()
    if row is None or row[1] != night.date:
        shown = "no night" if row is None else f"the night {row[1]}"
        raise StageError(
            f"The marts show {shown}, so the lists of {night.date} cannot be made; run the nightly of that day first."
        )
    return int(row[0])


def batch_before(connection: Connection, night: Night) -> int | None:
    """The batch with the segments of the last night before this one, whatever was published since; None without any.

    So a night that is run twice, or again after later ones, is held against the same night.
    """
    row = connection.execute(
        """
        select batch_id from ops.publications as publication
        where kind = 'publish' and is_kept and night < %s
            and exists (select from marts_store.segment_sizes as sizes where sizes.batch_id = publication.batch_id)
        order by night desc, publication_id desc limit 1
        """,
        (night.date,),
    ).fetchone()
    return int(row[0]) if row else None


def require_built_from(connection: Connection, batch_id: int) -> None:
    """Raises StageError when the segments were last built from another batch than `batch_id`."""
    built = scalar(connection, "select batch_id from activation.built")
    if built is not None and built != batch_id:
        raise StageError(
            f"The segments were built from batch {built} and the marts show batch {batch_id}; run the activation again"
            " from its first step."
        )


def require_tables(connection: Connection, segments: Sequence[Segment]) -> None:
    """Raises StageError when a declared segment was not built."""
    missing = [
        segment.name
        for segment in segments
        if scalar(connection, "select to_regclass(%s)", (f"activation.{segment.table}",)) is None
    ]
    if missing:
        raise StageError(f"The segments {', '.join(missing)} were not built; build the segments, then send.")


def exclude(connection: Connection, segments: Sequence[Segment]) -> None:
    """Gather, for this transaction, the customers who get no promotion."""
    members = " union ".join(
        f"select customer_id from activation.{quoted(segment.table)}"
        for segment in segments
        if segment.excluded_from_promotion
    )
    query = members or "select cast(null as text) as customer_id where false"
    connection.execute(statement(f"create temporary table {EXCLUDED} on commit drop as {query}"))
    connection.execute(statement(f"create index on {EXCLUDED} (customer_id)"))
    connection.execute(statement(f"analyze {EXCLUDED}"))


def candidates(connection: Connection, segment: Segment, among: str | None = None) -> Iterator[Candidate]:
    """The segment's members in the order of their ids; `among` is a query of customer ids to stay within.

    Call `exclude` first, in the same transaction.
    """
    names = [name for channel in segment.channels for name in COLUMNS[channel]]
    points = ", ".join(f"customers.{quoted(name)}" for name in names)
    within = f"where members.customer_id in ({among})" if among else ""
    query = f"""
        select members.customer_id, customers.full_name, members.reason,
            customers.customer_id is not null, excluded.customer_id is not null, {points}
        from activation.{quoted(segment.table)} as members
        left join marts.customer_360 as customers on customers.customer_id = members.customer_id
        left join {EXCLUDED} as excluded on excluded.customer_id = members.customer_id
        {within}
        order by members.customer_id collate "C"
    """
    with connection.cursor("candidates") as cursor:
        cursor.itersize = FETCH_ROWS
        for customer_id, full_name, reason, known, excluded, *values in cursor.execute(statement(query)):
            decisions = {
                channel: decide(
                    segment.purpose,
                    known=known,
                    excluded=excluded,
                    point=ContactPoint(*values[3 * position : 3 * position + 3]),
                )
                for position, channel in enumerate(segment.channels)
            }
            yield Candidate(customer_id, full_name, reason, decisions)
