"""The push: every planned list goes to every destination, and the send ledger says what is new.

Order of things, so that a process killed anywhere leaves nothing wrong behind: first the destination has the list, then
one transaction writes what it has. Pushed again, the destination finds it has the list already, and the ledger is
brought to the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from customer_warehouse.activation.candidates import candidates, exclude, published_batch
from customer_warehouse.activation.destination import Delivery, Destination, Receipt, Recipient
from customer_warehouse.activation.plan import Plan
from customer_warehouse.activation.segments import Segment
from customer_warehouse.database import Connection
from customer_warehouse.night import Night
from customer_warehouse.ops.ledger import StageError


@dataclass(frozen=True)
class Pushed:
    """What one push did, counted in customers."""

    receipt: Receipt
    sent_new: int
    """Customers who were not on the list of this night before."""
    withdrawn: int
    """Customers who were, and are no more."""


def push(connection: Connection, night: Night, segments: list[Segment], plan: Plan, destination: Destination) -> Pushed:
    """Deliver the planned list of one segment and write the send ledger; commits.

    Raises StageError when the marts show another batch than the plan was made from.
    """
    if published_batch(connection, night) != plan.batch_id:
        raise StageError(
            f"The marts of {night.date} were published again after the lists were planned; run the activation again."
        )
    exclude(connection, segments)
    receipt = destination.deliver(Delivery(night, plan, _recipients(connection, night, plan)))
    if receipt.rows != plan.to_send:
        raise StageError(
            f"{destination.name} has {receipt.rows} rows of segment {plan.segment.name} and should have {plan.to_send};"
            " run the activation again."
        )
    sent_new, withdrawn = _write_ledger(connection, night, plan, destination.name)
    _write_deliveries(connection, night, plan, destination.name, receipt)
    connection.commit()
    return Pushed(receipt, sent_new, withdrawn)


def _recipients(connection: Connection, night: Night, plan: Plan) -> Iterator[Recipient]:
    """Everyone planned, decided on once more: a plan cannot send to anyone whom consent would withhold."""
    planned = (
        "select customer_id from activation.planned"
        f" where night = date '{night.date.isoformat()}' and segment = '{plan.segment.name}'"
    )
    for candidate in candidates(connection, plan.segment, among=planned):
        addresses = {channel: decision.address for channel, decision in candidate.decisions.items() if decision.address}
        if addresses:
            yield Recipient(candidate.customer_id, candidate.full_name, candidate.reason, addresses)


def _write_ledger(connection: Connection, night: Night, plan: Plan, destination: str) -> tuple[int, int]:
    """Bring `activation.sent` to the plan; returns the customers who are new on the list and who left it."""
    key = {"night": night.date, "segment": plan.segment.name, "destination": destination}
    row = connection.execute(
        """
        select count(*) filter (where before.customer_id is null), count(*) filter (where now.customer_id is null)
        from (
            select distinct customer_id from activation.planned where night = %(night)s and segment = %(segment)s
        ) as now
        full join (
            select distinct customer_id from activation.sent
            where night = %(night)s and segment = %(segment)s and destination = %(destination)s
        ) as before on before.customer_id = now.customer_id
        """,
        key,
    ).fetchone()
    assert row is not None
    connection.execute(
        """
        delete from activation.sent as sent
        where night = %(night)s and segment = %(segment)s and destination = %(destination)s
            and not exists (
                select from activation.planned
                where planned.night = sent.night and planned.segment = sent.segment
                    and planned.channel = sent.channel and planned.customer_id = sent.customer_id
            )
        """,
        key,
    )
    connection.execute(
        """
        insert into activation.sent (night, segment, channel, destination, customer_id)
        select night, segment, channel, %(destination)s, customer_id from activation.planned
        where night = %(night)s and segment = %(segment)s
        on conflict do nothing
        """,
        key,
    )
    return int(row[0]), int(row[1])


def _write_deliveries(connection: Connection, night: Night, plan: Plan, destination: str, receipt: Receipt) -> None:
    """One row a channel; a row that says the same already keeps its time. Channels asked for no more are taken away."""
    connection.execute(
        "delete from activation.deliveries"
        " where night = %s and segment = %s and destination = %s and not channel = any(%s)",
        (night.date, plan.segment.name, destination, list(plan.channels)),
    )
    for channel, counts in plan.channels.items():
        connection.execute(
            """
            insert into activation.deliveries
                (night, segment, destination, channel, eligible, sent, withheld, file, sha256)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
            on conflict (night, segment, destination, channel) do update
            set eligible = excluded.eligible, sent = excluded.sent, withheld = excluded.withheld,
                file = excluded.file, sha256 = excluded.sha256, delivered_at = excluded.delivered_at
            where (deliveries.eligible, deliveries.sent, deliveries.withheld, deliveries.file, deliveries.sha256)
                is distinct from (excluded.eligible, excluded.sent, excluded.withheld, excluded.file, excluded.sha256)
            """,
            (
                night.date,
                plan.segment.name,
                destination,
                channel,
                plan.eligible,
                counts.sent,
                counts.withheld.total(),
                receipt.file,
                receipt.sha256,
            ),
        )
