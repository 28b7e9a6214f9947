"""Which rows of a stored mart belong to a batch.

Most marts are copied whole into every batch: a row belongs to its `batch_id`. A mart of which few rows change in a
night keeps versions: a row holds from `batch_id` until the batch `until_batch`; null is until further notice.
"""

from __future__ import annotations

from customer_warehouse.database import Connection, quoted

BATCH, UNTIL = "batch_id", "until_batch"


def keeps_versions(connection: Connection, table: str) -> bool:
    """Whether `table` (`schema.name`) keeps versions of its rows."""
    row = connection.execute(
        "select exists (select from pg_attribute where attrelid = to_regclass(%s) and attname = %s"
        " and not attisdropped)",
        (quoted(*table.split(".")), UNTIL),
    ).fetchone()
    return row == (True,)


def holds_in(batch: int | str, versions: bool) -> str:
    """The condition that a row belongs to `batch`: a number, or a query that gives one."""
    number = f"{batch:d}" if isinstance(batch, int) else f"({batch})"
    if not versions:
        return f"{BATCH} = {number}"
    return f"{BATCH} <= {number} and ({UNTIL} is null or {UNTIL} > {number})"


def rows_of(connection: Connection, table: str, batch: int) -> str:
    """The condition that a row of `table` (`schema.name`) belongs to the batch."""
    return holds_in(batch, keeps_versions(connection, table))
