"""Build a batch of the marts, and publish it.

Every mart is a table of `marts_store` that holds several batches; the views of `marts` show the batch that the one row
of `ops.published` names. So readers never wait for a night, and a night that fails before it is published changes
nothing they can see.
"""

from __future__ import annotations

from customer_warehouse.database import Connection, connect, quoted, scalar, statement, writer
from customer_warehouse.marts.balance import READS, WHAT_TO_DO, batch_balances
from customer_warehouse.night import Night
from customer_warehouse.ops import ledger
from customer_warehouse.ops.batches import rows_of
from customer_warehouse.ops.conservation import hand_over, hold, taken_over
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.publish import contracts, dictionary, keys, pointer
from customer_warehouse.publish.declared import declared_marts
from customer_warehouse.publish.show import show
from customer_warehouse.publish.views import STORE, stored
from customer_warehouse.quality import audit
from customer_warehouse.settings import Settings
from customer_warehouse.warehouse import dbt_runner, touched

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
            declared = declared_marts(settings.dbt_project_dir)
            step.detail["put_aside"] = contracts.make_room(connection, declared)
            dictionary.note(connection, declared, contracts.load(settings.dbt_project_dir))
            touched_batch = touched.finished(connection)
        step.detail["batch_id"] = batch_id
        variables = {
            "batch_id": batch_id,
            "touched_batch": touched_batch,
            "program": touched.program(settings.dbt_project_dir),
        }
        results = dbt_runner.build(settings, night, "marts", SELECTION, step, variables)
        step.rows_out = results.models["customer_360"].rows or 0
        with connect(settings.url) as connection:
            keys.declare(connection, declared)
            hold(settings.url, night, "marts", batch_balances(connection, batch_id), WHAT_TO_DO)
            hand_over(connection, night, _finished(settings, connection), batch_id)
    return batch_id


def publish(settings: Settings, night: Night) -> None:
    """Show readers the batch that this run built last, and forget the batches that are kept no longer.

    Publishing a batch that is published already changes nothing. Raises StageError when this run has no finished
    batch, or when not every check of every stage was made and passed (`quality/audit.py`).
    """
    with (
        ledger.step(settings.url, night, "marts", "publish") as step,
        connect(settings.url) as connection,
        writer(connection, pointer.LOCK),
    ):
        connection.commit()  # the lock may have been waited for; what follows must see what its holder did
        connection.execute("lock table ops.checks in share mode")  # no check is recorded between the look and the move
        batch_id = built_batch(connection, night)
        audit.require(settings, connection, night)
        marts = stored(connection)
        hold(
            settings.url,
            night,
            "marts",
            taken_over(connection, _finished(settings, connection), batch_id),
            WHAT_TO_DO,
        )
        step.detail["batch_id"] = batch_id
        shown = show(settings, connection, night, batch_id, audit.held_segments(connection, night))
        connection.commit()
        step.detail["views"], step.detail["roles"] = shown.views, shown.roles
        if shown.roles:
            print(shown.roles, flush=True)
        step.detail["rows"] = {
            mart: scalar(
                connection,
                f"select count(*) from {quoted(STORE, mart)} where {rows_of(connection, f'{STORE}.{mart}', batch_id)}",
            )
            for mart in marts
        }
        step.rows_out = sum(step.detail["rows"].values())
        step.detail["rows_forgotten"] = pointer.forget_old_batches(connection, marts, batch_id, settings.kept_nights)
        if step.detail["rows_forgotten"]:
            _reuse_room(connection, marts)


def _finished(settings: Settings, connection: Connection) -> list[str]:
    """The stored marts whose rows are all there when a batch is built: those of segments come after it is published."""
    later = {mart.name for mart in declared_marts(settings.dbt_project_dir) if mart.meta.after_segments}
    return [f"{STORE}.{mart}" for mart in stored(connection) if mart not in later]


def _reuse_room(connection: Connection, marts: list[str]) -> None:
    """Let the next batches be written where the deleted ones were, so that tables do not grow; no reader waits."""
    connection.commit()
    connection.autocommit = True
    try:
        for mart in marts:
            connection.execute(statement(f"vacuum (truncate false) {quoted(STORE, mart)}"))
    finally:
        connection.autocommit = False


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
