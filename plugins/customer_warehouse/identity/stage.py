"""The identity stage: which records are one person, and which customer that person is.

Reads `standardised.customers`, links records by the rules, and gives every group of linked records a customer id that
it keeps from night to night. All tables of schema `identity` change in one transaction.

A night builds on what was believed before its own `as_of`, never on its own earlier attempt or on a later night, so
that the same night again gives the same tables and any past night can be rebuilt.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from customer_warehouse.database import Connection, connect, scalar, statement, writer
from customer_warehouse.identity.balance import MAKES, READS, WHAT_TO_DO, record_balances
from customer_warehouse.identity.engine import Policy, resolve
from customer_warehouse.identity.records import RECORDS, SELECT_RECORDS, Workspace, load_records, one_row, workspace
from customer_warehouse.identity.rules import RULES
from customer_warehouse.identity.stable_ids import Assignment, Merge, RecordKey, assign_ids, resolve_aliases
from customer_warehouse.identity.transfer import read_arrow, replace_contents
from customer_warehouse.night import Night
from customer_warehouse.ops import ledger
from customer_warehouse.ops.conservation import hand_over, hold, taken_over
from customer_warehouse.settings import Settings

SCHEMA = Path(__file__).with_name("schema.sql")

MEMBERSHIPS = pa.schema(
    [
        ("source", pa.string()),
        ("source_key", pa.string()),
        ("customer_id", pa.string()),
        ("valid_from", pa.timestamp("us", tz="UTC")),
    ]
)


def run(settings: Settings, night: Night) -> None:
    """Resolve the records of `standardised.customers` into customers, as believed at the end of `night`.

    Raises StageError when the table is not there.
    """
    with (
        ledger.step(settings.url, night, "identity", "resolve") as step,
        connect(settings.url) as connection,
        writer(connection, "identity"),
        workspace() as work,
    ):
        if scalar(connection, "select to_regclass('standardised.customers')") is None:
            raise ledger.StageError("There is no table standardised.customers; run the standardise stage first.")
        connection.execute(statement(SCHEMA.read_text(encoding="utf-8")))
        hold(settings.url, night, "identity", taken_over(connection, READS), WHAT_TO_DO)
        step.rows_in = load_records(work, read_arrow(connection, SELECT_RECORDS, RECORDS))
        step.progress()
        resolve(work, Policy())
        merges = _read_merges(connection, night.as_of)
        _load_previous(connection, work, merges, night.as_of)
        assignment = _assign(work)
        _write(connection, work, assignment, merges, night.as_of)
        hold(settings.url, night, "identity", record_balances(connection), WHAT_TO_DO)
        hand_over(connection, night, MAKES)
        connection.commit()
        step.rows_out = len(assignment.ids)
        step.detail = _detail(work, step.rows_in, assignment)


def _read_merges(connection: Connection, as_of: datetime) -> list[Merge]:
    """The ids that ended before this night."""
    query = "select since, customer_id, survivor_id from identity.merges where since < %s"
    return [Merge(*row) for row in connection.execute(query, (as_of,))]


def _load_previous(connection: Connection, work: Workspace, merges: list[Merge], as_of: datetime) -> None:
    """Bring what was believed before `as_of` into the workspace.

    `previous` (source, source_key, live_id, claimed_id): the customer a record belonged to, null when it was gone, and
    the id it may claim. A record that comes back claims the id it had, unless that id has lived on or was merged.
    `ids` (customer_id, first_seen): every id ever used.
    """
    query = "select source, source_key, customer_id, valid_from from identity.memberships where valid_from < %s"
    work.register("nothing", pa.Table.from_batches([], MEMBERSHIPS))
    work.execute("create or replace table history as select * from nothing")
    for batch in read_arrow(connection, query, MEMBERSHIPS, (as_of,)):
        work.register("batch", batch)
        work.execute("insert into history select * from batch")
        work.unregister("batch")
    work.register("ended", pa.table({"customer_id": pa.array([merge.customer_id for merge in merges], pa.string())}))
    work.execute(
        """
        create or replace table ids as
        select customer_id, min(valid_from) as first_seen from history where customer_id is not null group by all;
        create or replace table previous as
        select
            source,
            source_key,
            arg_max_null(customer_id, valid_from) as live_id,
            arg_max(customer_id, valid_from) as claimed_id
        from history
        group by all;
        update previous
        set claimed_id = null
        where live_id is null and claimed_id in (
            select live_id from previous where live_id is not null union all select customer_id from ended
        );
        drop table history
        """
    )
    work.unregister("ended")
    work.unregister("nothing")


def _assign(work: Workspace) -> Assignment:
    """Give the components their ids, and leave `resolved` (row, customer_id) in the workspace."""
    components = [cluster for (cluster,) in work.sql("select cluster from components order by row").fetchall()]
    records = work.sql(
        """
        select source, source_key, claimed_id
        from records
        left join previous using (source, source_key)
        order by row
        """
    ).to_arrow_table()
    sources, keys, claimed = records.combine_chunks().columns
    assignment = assign_ids(
        components,
        claimed.to_pylist(),
        dict(work.sql("select customer_id, first_seen from ids").fetchall()),
        lambda row: RecordKey(sources[row].as_py(), keys[row].as_py()),
    )
    resolved = pa.table(
        {
            "row": pa.array(range(len(components)), pa.int64()),
            "customer_id": pa.array([assignment.ids[component] for component in components], pa.string()),
        }
    )
    work.register("arrow_resolved", resolved)
    work.execute("create or replace table resolved as select * from arrow_resolved")
    work.unregister("arrow_resolved")
    return assignment


def _write(
    connection: Connection, work: Workspace, assignment: Assignment, merges: list[Merge], as_of: datetime
) -> None:
    """Bring the tables of schema `identity` to what was found; the caller commits."""
    now = f"timestamptz '{as_of.isoformat()}'"
    tables: dict[str, tuple[list[str], str]] = {
        "customer_records": (
            ["source", "source_key"],
            "select source, source_key, customer_id from records join resolved using (row)",
        ),
        "customers": (
            ["customer_id"],
            f"select customer_id, coalesce(any_value(first_seen), {now}) as first_seen_as_of,"
            " count(*)::integer as records from resolved left join ids using (customer_id) group by customer_id",
        ),
        "links": (
            ["source_a", "key_a", "source_b", "key_b", "rule"],
            "select a.source as source_a, a.source_key as key_a, b.source as source_b, b.source_key as key_b,"
            " rule, strength, names"
            " from kept join records as a on kept.a = a.row join records as b on kept.b = b.row",
        ),
        "held": (["rule", "key_hash"], "select kind as rule, key::varchar as key_hash, records from held"),
    }
    for name, (key, query) in tables.items():
        replace_contents(connection, f"identity.{name}", key, work.sql(query).to_arrow_table())

    night_only = f"target.{{}} = {now}"
    replace_contents(
        connection,
        "identity.memberships",
        ["source", "source_key", "valid_from"],
        work.sql(
            f"""
            select source, source_key, resolved.customer_id, {now} as valid_from
            from records
            join resolved using (row)
            left join previous using (source, source_key)
            where resolved.customer_id is distinct from previous.live_id
            union all
            select source, source_key, null, {now}
            from previous
            anti join records using (source, source_key)
            where live_id is not null
            """
        ).to_arrow_table(),
        night_only.format("valid_from"),
    )
    new_merges = [Merge(as_of, ended, survivor) for ended, survivor in sorted(assignment.merged.items())]
    replace_contents(
        connection, "identity.merges", ["customer_id", "since"], _arrow(new_merges), night_only.format("since")
    )
    aliases = resolve_aliases([*merges, *new_merges], set(assignment.ids.values()))
    replace_contents(connection, "identity.aliases", ["customer_id"], _arrow(aliases))


def _arrow(merges: list[Merge]) -> pa.Table:
    """Merges as rows."""
    return pa.table(
        {
            "customer_id": pa.array([merge.customer_id for merge in merges], pa.string()),
            "survivor_id": pa.array([merge.survivor_id for merge in merges], pa.string()),
            "since": pa.array([merge.since for merge in merges], pa.timestamp("us", tz="UTC")),
        }
    )


def _detail(work: Workspace, records: int, assignment: Assignment) -> dict[str, Any]:
    """What the ledger tells about this night."""
    counted = dict(work.sql("select rule, count(*) from kept group by rule").fetchall())
    changed, new, gone = one_row(
        work,
        """
        select
            count(*) filter (live_id <> customer_id),
            count(*) filter (live_id is null and row is not null),
            count(*) filter (row is null and live_id is not null)
        from (select * from records join resolved using (row)) as now
        full join previous using (source, source_key)
        """,
    )
    return {
        "records": records,
        "customers": len(assignment.ids),
        "duplicates_merged": records - len(assignment.ids),
        "links": {rule.name: counted.get(rule.name, 0) for rule in RULES},
        "held_keys": one_row(work, "select count(*) from held")[0],
        "new_records": new,
        "gone_records": gone,
        "changed_ids": changed,
        "merged_ids": len(assignment.merged),
    }
