"""Build a batch of the marts, and publish it.

Every mart is a table of `marts_store` that holds several batches; the views of `marts` show the batch that the one row
of `ops.published` names. So readers never wait for a night, and a night that fails before it is published changes
nothing they can see.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from customer_warehouse.database import Connection, connect, quoted, scalar, statement
from customer_warehouse.marts.balance import READS, WHAT_TO_DO, batch_balances
from customer_warehouse.night import Night
from customer_warehouse.ops import ledger
from customer_warehouse.ops.conservation import hand_over, hold, taken_over
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.quality import audit
from customer_warehouse.settings import Settings
from customer_warehouse.warehouse import dbt_runner

SELECTION = ["path:models/marts/published"]


def build(settings: Settings, night: Night) -> int:
    """Write a new batch of every mart and test it; returns the batch's number, which nothing shows to readers yet.

    Raises StageError when a model or a test fails.
    """
    with ledger.step(settings.url, night, "marts", "build") as step:
        with connect(settings.url) as connection:
            hold(settings.url, night, "marts", taken_over(connection, READS), WHAT_TO_DO)
            batch_id = int(scalar(connection, "select nextval('ops.mart_batches')"))
            step.rows_in = scalar(connection, "select count(*) from warehouse.dim_customers")
        step.detail["batch_id"] = batch_id
        results = dbt_runner.build(settings, night, "marts", SELECTION, step, {"batch_id": batch_id})
        step.rows_out = results.models["customer_360"].rows or 0
        with connect(settings.url) as connection:
            hold(settings.url, night, "marts", batch_balances(connection, batch_id), WHAT_TO_DO)
            hand_over(connection, night, [f"marts_store.{mart}" for mart in marts(connection)], batch_id)
    return batch_id


def publish(settings: Settings, night: Night) -> None:
    """Show readers the batch that this run built last, and forget the batches that are kept no longer.

    Publishing a batch that is published already changes nothing. Raises StageError when this run has no finished
    batch, or when not every check of every stage was made and passed (`quality/audit.py`).
    """
    with ledger.step(settings.url, night, "marts", "publish") as step, connect(settings.url) as connection:
        connection.execute("lock table ops.checks in share mode")  # no check is recorded between the look and the move
        batch_id = built_batch(connection, night)
        audit.require(settings, connection, night)
        batch = [f"marts_store.{mart}" for mart in marts(connection)]
        hold(settings.url, night, "marts", taken_over(connection, batch, batch_id), WHAT_TO_DO)
        step.detail["batch_id"] = batch_id
        move_pointer(connection, night, batch_id, audit.held_segments(connection, night))
        connection.commit()
        step.detail["rows"] = {
            mart: scalar(connection, f"select count(*) from {quoted('marts', mart)}") for mart in marts(connection)
        }
        step.rows_out = sum(step.detail["rows"].values())
        step.detail["rows_forgotten"] = forget_old_batches(connection, batch_id, settings.kept_nights)


def built_batch(connection: Connection, night: Night) -> int:
    """The batch of this run's last finished build. Raises StageError when there is none."""
    row = connection.execute(
        """
        select status, (detail ->> 'batch_id')::bigint from ops.steps
        where run_id = %s and stage = 'marts' and step = 'build' order by step_id desc limit 1
        """,
        (night.run_id,),
    ).fetchone()
    if row is None or row[0] not in ("succeeded", "degraded"):
        raise StageError(
            f"Run {night.run_id} has no finished batch of the marts to publish; run its task `build` of `marts` first."
        )
    return int(row[1])


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
            held = excluded.held
        where published.batch_id <> excluded.batch_id or published.held is distinct from excluded.held
        """,
        values,
    )
    if moved.rowcount:
        connection.execute(
            "insert into ops.publications (batch_id, run_id, night, as_of)"
            " values (%(batch)s, %(run)s, %(night)s, %(as_of)s)",
            values,
        )


def marts(connection: Connection) -> list[str]:
    """The names of all marts: the tables of `marts_store` that hold batches."""
    rows = connection.execute(
        "select table_name from information_schema.columns"
        " where table_schema = 'marts_store' and column_name = 'batch_id' order by table_name"
    ).fetchall()
    return [name for (name,) in rows]


def forget_old_batches(connection: Connection, published: int, kept: int) -> int:
    """Delete the batches before `published` that are not among the last `kept` publications; returns the rows deleted.

    A batch that was never published goes too. Later batches stay: they belong to a run that is still building.
    """
    deleted = 0
    for mart in marts(connection):
        command = f"""
            delete from {quoted("marts_store", mart)}
            where batch_id < %s and batch_id not in (
                select batch_id from ops.publications
                group by batch_id order by max(publication_id) desc, batch_id limit %s
            )
        """
        deleted += connection.execute(statement(command), (published, kept)).rowcount
        connection.commit()
    return deleted
