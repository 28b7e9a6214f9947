"""The pointer: which batch of the marts readers see, how it moves, and which batches are kept to go back to.

Every view reads the one row of `ops.published`, so moving it moves all of them in one step. A statement, and a
transaction of repeatable read, sees one batch from its beginning to its end, whatever happens meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from customer_warehouse.database import Connection, connect, quoted, statement, writer
from customer_warehouse.night import Night
from customer_warehouse.ops.batches import BATCH, UNTIL, keeps_versions
from customer_warehouse.ops.ledger import StageError

LOCK = "publish"
"""Whoever moves the pointer or takes batches away holds this lock: nobody goes back to what is being deleted."""


@dataclass(frozen=True)
class Batch:
    """A batch that is kept, as it was last published."""

    batch_id: int
    run_id: str
    night: date
    as_of: datetime
    published_at: datetime
    """When a night published it last, not when readers were taken back to it."""
    held: Mapping[str, str]
    is_shown: bool


@dataclass(frozen=True)
class Rollback:
    """What a rollback did."""

    back_to: Batch
    back_from: Batch
    lists_out: dict[str, int]
    """The lists of the nights after that destinations already have: `night segment` to customers sent."""


def move_pointer(connection: Connection, night: Night, batch_id: int, held: Mapping[str, str]) -> None:
    """Point readers at `batch_id` and note the publication, unless they look at it already; the caller commits.

    `held` are the segments that may not be built from it, each with the reason.
    """
    values = {
        "batch": batch_id,
        "run": night.run_id,
        "night": night.date,
        "as_of": night.as_of,
        "held": json.dumps(held),
    }
    moved = connection.execute(
        """
        insert into ops.published (batch_id, run_id, night, as_of, held)
        values (%(batch)s, %(run)s, %(night)s, %(as_of)s, %(held)s)
        on conflict (only_row) do update
        set batch_id = excluded.batch_id, run_id = excluded.run_id, night = excluded.night, as_of = excluded.as_of,
            held = excluded.held, rolled_back_from = null
        where published.batch_id <> excluded.batch_id or published.held is distinct from excluded.held
            or published.rolled_back_from is not null
        """,
        values,
    )
    if moved.rowcount:
        connection.execute(
            "insert into ops.publications (batch_id, run_id, night, as_of, held)"
            " values (%(batch)s, %(run)s, %(night)s, %(as_of)s, %(held)s)",
            values,
        )


def kept(connection: Connection) -> list[Batch]:
    """The batches that readers can be shown, the one published last first."""
    rows = connection.execute(
        """
        select publication.batch_id, publication.run_id, publication.night, publication.as_of,
            publication.published_at, publication.held, publication.batch_id = published.batch_id
        from ops.publications as publication
        cross join ops.published
        where publication.is_kept and publication.publication_id in (
            select max(publication_id) from ops.publications where kind = 'publish' group by batch_id
        )
        order by publication.publication_id desc
        """
    ).fetchall()
    return [Batch(*row) for row in rows]


def rollback(url: str, by: str, why: str, batch_id: int | None = None) -> Rollback:
    """Take readers back to the night before the one they see, or to the kept batch `batch_id`.

    Moves one row and touches no rows of marts. Who did it, when and why is noted in `ops.publications`. Nothing is sent
    while readers see a night by a rollback; the next night that is published ends it. Raises StageError when there is
    nothing to go back to.
    """
    with connect(url) as connection, writer(connection, LOCK):
        batches = kept(connection)
        shown = next((batch for batch in batches if batch.is_shown), None)
        if shown is None:
            raise StageError("No night is published, so there is none to go back from; run a night first.")
        if batch_id is None:
            wanted = [batch for batch in batches if batch.night < shown.night]
            wanted.sort(key=lambda batch: batch.night, reverse=True)  # of one night the last published stays first
        else:
            wanted = [batch for batch in batches if batch.batch_id == batch_id and not batch.is_shown]
        if not wanted:
            named = f"batch {batch_id}" if batch_id is not None else f"a night before {shown.night}"
            raise StageError(
                f"There is nothing of {named} to go back to; `python -m customer_warehouse publish status` lists what"
                " is kept."
            )
        target = wanted[0]
        values = {
            **{"batch": target.batch_id, "run": target.run_id, "night": target.night, "as_of": target.as_of},
            **{"held": json.dumps(dict(target.held)), "from": shown.batch_id, "by": by, "why": why},
        }
        connection.execute(
            "update ops.published set batch_id = %(batch)s, run_id = %(run)s, night = %(night)s, as_of = %(as_of)s,"
            " held = %(held)s, rolled_back_from = %(from)s",
            values,
        )
        connection.execute(
            "insert into ops.publications (batch_id, run_id, night, as_of, held, kind, from_batch_id, by_whom, why)"
            " values (%(batch)s, %(run)s, %(night)s, %(as_of)s, %(held)s, 'rollback', %(from)s, %(by)s, %(why)s)",
            values,
        )
        connection.commit()
        return Rollback(target, shown, _lists_after(connection, target.night))


def _lists_after(connection: Connection, night: date) -> dict[str, int]:
    """What destinations have of the nights after `night`."""
    if connection.execute("select to_regclass('activation.deliveries')").fetchone() == (None,):
        return {}
    rows = connection.execute(
        "select night::text || ' ' || segment, max(sent) from activation.deliveries where night > %s and sent > 0"
        " group by night, segment order by night, segment",
        (night,),
    ).fetchall()
    return dict(rows)


def forget_old_batches(connection: Connection, tables: list[str], published: int, keep: int) -> int:
    """Delete the batches before `published` that are not among the last `keep` published; returns the rows deleted.

    A batch that was never published goes too. Later batches stay: they belong to a run that is still building. Deleting
    waits for no reader, and a reader that began before still sees what it saw. Commits.
    """
    recent = (
        "select batch_id from ops.publications where kind = 'publish'"
        " group by batch_id order by max(publication_id) desc limit %(keep)s"
    )
    values = {"published": published, "keep": keep}
    gone = f"batch_id < %(published)s and batch_id not in ({recent})"
    replaced = (
        f"{UNTIL} <= %(published)s and not exists (select from ({recent}) as kept"
        f" where kept.batch_id >= stored.{BATCH} and kept.batch_id < stored.{UNTIL})"
    )
    # First nobody may go back to them, then they go: a process killed in between leaves nothing half there to be shown.
    connection.execute(statement(f"update ops.publications set is_kept = false where is_kept and {gone}"), values)
    connection.commit()
    deleted = 0
    for table in tables:
        deleted += connection.execute(
            statement(
                f"delete from {quoted('marts_store', table)} as stored"
                f" where {replaced if keeps_versions(connection, f'marts_store.{table}') else gone}"
            ),
            values,
        ).rowcount
        connection.commit()
    return deleted
