"""The activation stage: build the segments, plan who is sent, push the lists to the destinations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from psycopg import IsolationLevel

from customer_warehouse.activation.candidates import batch_before, published_batch
from customer_warehouse.activation.destination import Destination
from customer_warehouse.activation.files import FileDestination
from customer_warehouse.activation.held import held_by_marts, held_segments
from customer_warehouse.activation.plan import Plan, make_plans
from customer_warehouse.activation.push import Pushed, push
from customer_warehouse.activation.segments import Segment, for_dbt, load_segments
from customer_warehouse.database import Connection, connect, scalar, statement, writer
from customer_warehouse.night import Night
from customer_warehouse.ops import ledger
from customer_warehouse.settings import Settings
from customer_warehouse.warehouse import dbt_runner

SCHEMA = Path(__file__).with_name("schema.sql")
MARTS_OF_SEGMENTS = ("segment_membership", "segment_overlaps", "segment_sizes")
SELECTION = ["path:models/segments", "path:models/activation", *MARTS_OF_SEGMENTS]


def run(settings: Settings, night: Night) -> None:
    """Build the segments of `night`, check them and send the lists. Raises StageError when any of it cannot be done."""
    from customer_warehouse.quality.stage import check  # the checks load Great Expectations, which takes seconds

    build_segments(settings, night)
    check(settings, night, "activation")
    send(settings, night)


def build_segments(settings: Settings, night: Night) -> None:
    """Decide who is in which segment, from the published marts; a segment that they hold keeps its members.

    Who entered and left, how segments overlap and how large they are is added to the published batch in the same go.

    Raises StageError when a segment has no declaration, dbt cannot build it, or readers were moved to another batch
    meanwhile.
    """
    with ledger.step(settings.url, night, "activation", "segments") as step:
        segments = load_segments(settings.dbt_project_dir)
        with connect(settings.url) as connection:
            step.rows_in = scalar(connection, "select count(*) from marts.customer_360")
            held = held_by_marts(connection)
            batch_id = published_batch(connection, night)
            before = batch_before(connection, night)
        built = [segment.table for segment in segments if segment.name not in held]
        if built:
            left_out = [segment.table for segment in segments if segment.name in held]
            variables = {"batch_id": batch_id, "segments_before": before, "segments": for_dbt(segments, built)}
            results = dbt_runner.build(settings, night, "activation", SELECTION, step, variables, left_out)
            step.rows_out = sum(results.models[table].rows or 0 for table in built)
        with connect(settings.url) as connection:
            connection.execute(statement(SCHEMA.read_text(encoding="utf-8")))
            if published_batch(connection, night) != batch_id:
                raise ledger.StageError(
                    f"The marts of {night.date} were published again while segments were built; run the activation"
                    " again."
                )
            connection.execute(
                "insert into activation.built (batch_id, night) values (%s, %s)"
                " on conflict (only_row) do update set batch_id = excluded.batch_id, night = excluded.night",
                (batch_id, night.date),
            )


def send(settings: Settings, night: Night) -> None:
    """Plan who is sent and deliver every list to every destination; the same night again sends nothing new.

    The ledger gets a step `plan`, a step a destination and segment, and a degraded step for each segment that is held:
    its lists stay as they are. While readers see a night by a rollback nothing is sent, and a degraded step says so:
    an older night does not know who has said no since. Raises StageError when the published marts are not this night's,
    a segment was not built or was built from another batch, or a destination does not take its list.
    """
    segments = load_segments(settings.dbt_project_dir)
    with connect(settings.url) as connection, writer(connection, "activation"):
        connection.execute(statement(SCHEMA.read_text(encoding="utf-8")))
        connection.commit()  # what follows must not see the database as it was before the lock was ours
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        if _readers_were_taken_back(settings, night, connection):
            return
        held = held_segments(connection, night, segments)
        _hold(settings, night, connection, held)
        segments = [segment for segment in segments if segment.name not in held]
        plans = _plan(settings, night, connection, segments)
        for destination in destinations(settings):
            for plan in plans:
                _push(settings, night, connection, segments, plan, destination)


def destinations(settings: Settings) -> list[Destination]:
    """Where lists go."""
    return [FileDestination(settings.exports_dir)]


def _readers_were_taken_back(settings: Settings, night: Night, connection: Connection) -> bool:
    """Whether the marts show an older night than the last one published; noted in the ledger."""
    if scalar(connection, "select rolled_back_from from ops.published") is None:
        return False
    published_batch(connection, night)
    with ledger.step(settings.url, night, "activation", "rolled back") as step:
        step.degraded = (
            "Readers were taken back to this night, so nothing is sent: it does not know who has said no since. The"
            " next night that is published sends its lists."
        )
    return True


def _hold(settings: Settings, night: Night, connection: Connection, held: Mapping[str, str]) -> None:
    """Write down which segments are held tonight."""
    connection.execute("delete from activation.held where night = %s", (night.date,))
    for name, reason in held.items():
        with ledger.step(settings.url, night, "activation", f"held: {name}") as step:
            step.degraded = f"Segment {name} keeps its last list: {reason}; ops.checks says what to do."
            step.detail = {"held": name, "reason": reason}
        connection.execute(
            "insert into activation.held (night, segment, reason) values (%s, %s, %s)", (night.date, name, reason)
        )


def _plan(settings: Settings, night: Night, connection: Connection, segments: list[Segment]) -> list[Plan]:
    with ledger.step(settings.url, night, "activation", "plan") as step:
        plans = make_plans(connection, night, segments, settings.kept_nights)
        connection.commit()
        step.rows_in = sum(plan.eligible for plan in plans)
        step.rows_out = sum(plan.to_send for plan in plans)
        step.rows_rejected = sum(plan.withheld.total() for plan in plans)
        step.detail = {"segments": {plan.segment.name: plan.as_json() for plan in plans}}
    return plans


def _push(
    settings: Settings,
    night: Night,
    connection: Connection,
    segments: list[Segment],
    plan: Plan,
    destination: Destination,
) -> None:
    name = plan.segment.name
    with ledger.step(settings.url, night, "activation", f"{destination.name}: {name}") as step:
        pushed: Pushed = push(connection, night, segments, plan, destination)
        step.rows_in, step.rows_out, step.rows_rejected = plan.eligible, plan.to_send, plan.withheld.total()
        step.detail = {
            "segment": name,
            "label": plan.segment.label.model_dump(),
            "purpose": plan.segment.purpose,
            **plan.as_json(),
            "sent_new": pushed.sent_new,
            "withdrawn": pushed.withdrawn,
            "changed": pushed.receipt.changed,
            "file": pushed.receipt.file,
            "sha256": pushed.receipt.sha256,
        }
