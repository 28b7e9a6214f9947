"""The plan: every member of every segment is either to be sent or withheld for one reason, channel by channel."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from customer_warehouse.activation.candidates import (
    Candidate,
    candidates,
    exclude,
    published_batch,
    require_built_from,
    require_tables,
)
from customer_warehouse.activation.consent import Reason, reason_of
from customer_warehouse.activation.segments import ChannelName, Segment
from customer_warehouse.database import Connection, statement
from customer_warehouse.night import Night

WRITE_ROWS = 20_000


@dataclass
class ChannelPlan:
    """Of a segment's members, how many may be sent by one channel, and why the others may not."""

    sent: int = 0
    withheld: Counter[Reason] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        return {"sent": self.sent, "withheld": dict(sorted(self.withheld.items()))}


@dataclass
class Plan:
    """What is to happen to a segment, counted in customers: eligible = to_send + the sum of withheld."""

    segment: Segment
    batch_id: int
    eligible: int = 0
    to_send: int = 0
    withheld: Counter[Reason] = field(default_factory=Counter)
    """Members who are sent by no channel, by the reason of the channel that came furthest."""
    channels: dict[ChannelName, ChannelPlan] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.channels = {channel: ChannelPlan() for channel in self.segment.channels}

    def count(self, candidate: Candidate) -> None:
        """Add one member."""
        self.eligible += 1
        for channel, decision in candidate.decisions.items():
            if decision.reason is None:
                self.channels[channel].sent += 1
            else:
                self.channels[channel].withheld[decision.reason] += 1
        reason = reason_of(list(candidate.decisions.values()))
        if reason is None:
            self.to_send += 1
        else:
            self.withheld[reason] += 1

    def as_json(self) -> dict[str, Any]:
        """The counts as the ledger keeps them."""
        return {
            "eligible": self.eligible,
            "sent": self.to_send,
            "withheld": dict(sorted(self.withheld.items())),
            "channels": {channel: plan.as_json() for channel, plan in self.channels.items()},
        }


def make_plans(connection: Connection, night: Night, segments: Iterable[Segment], kept_nights: int) -> list[Plan]:
    """Decide on every member of `segments` and write the plan of the night; the caller commits.

    The connection must see one state of the database throughout (repeatable read). Raises StageError when the marts do
    not show this night or a segment was not built.
    """
    segments = list(segments)
    batch_id = published_batch(connection, night)
    require_built_from(connection, batch_id)
    require_tables(connection, segments)
    exclude(connection, segments)
    connection.execute("delete from activation.planned")
    # What an earlier run of the night has planned for a segment that is held now stays with the list it made.
    not_held = "segment not in (select held.segment from activation.held where held.night = %(night)s)"
    oldest = {"night": night.date, "forgotten": night.date - timedelta(days=kept_nights)}
    connection.execute(statement(f"delete from activation.plans where night = %(night)s and {not_held}"), oldest)
    connection.execute(
        statement(
            f"delete from activation.withheld where (night = %(night)s and {not_held}) or night <= %(forgotten)s"
        ),
        oldest,
    )
    return [_make_plan(connection, night, segment, batch_id) for segment in segments]


def _make_plan(connection: Connection, night: Night, segment: Segment, batch_id: int) -> Plan:
    plan = Plan(segment, batch_id)
    planned: list[tuple[str, str]] = []
    withheld: list[tuple[str, str, str]] = []
    for candidate in candidates(connection, segment):
        plan.count(candidate)
        for channel, decision in candidate.decisions.items():
            if decision.reason is None:
                planned.append((channel, candidate.customer_id))
            else:
                withheld.append((channel, candidate.customer_id, decision.reason.value))
        if len(planned) + len(withheld) >= WRITE_ROWS:
            _write(connection, night, segment, planned, withheld)
            planned, withheld = [], []
    _write(connection, night, segment, planned, withheld)
    counts = plan.as_json()
    connection.execute(
        """
        insert into activation.plans (night, segment, batch_id, purpose, eligible, to_send, reasons, channels)
        values (%s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            night.date,
            segment.name,
            batch_id,
            segment.purpose,
            plan.eligible,
            plan.to_send,
            json.dumps(counts["withheld"]),
            json.dumps(counts["channels"]),
        ),
    )
    return plan


def _write(
    connection: Connection,
    night: Night,
    segment: Segment,
    planned: list[tuple[str, str]],
    withheld: list[tuple[str, str, str]],
) -> None:
    for table, columns, rows in (
        ("planned", "night, segment, channel, customer_id", planned),
        ("withheld", "night, segment, channel, customer_id, reason", withheld),
    ):
        command = statement(f"copy activation.{table} ({columns}) from stdin")
        with connection.cursor() as cursor, cursor.copy(command) as copy:
            for row in rows:
                copy.write_row((night.date, segment.name, *row))
