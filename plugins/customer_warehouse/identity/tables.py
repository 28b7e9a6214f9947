"""Brings the tables of schema `identity` to what a run found, touching only the rows that differ."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from customer_warehouse.database import Connection, copy_arrow
from customer_warehouse.identity.records import Workspace
from customer_warehouse.identity.stable_ids import Assignment, Merge, resolve_aliases
from customer_warehouse.identity.transfer import replace_contents

_PAIR = ["source_a", "key_a", "source_b", "key_b"]
_ENDS = (
    "a.source as source_a, a.source_key as key_a, b.source as source_b, b.source_key as key_b",
    "join records as a on {0}.a = a.row join records as b on {0}.b = b.row",
)


def write(
    connection: Connection, work: Workspace, assignment: Assignment, as_of: datetime, *, everything: bool
) -> None:
    """Write customers, links, reviews, health and history; the caller commits.

    Of `everything`, or of the records in the temporary table `reach` and the customers that they had or have.
    """
    now = f"timestamptz '{as_of.isoformat()}'"
    _write_history(connection, work, assignment, as_of, now)
    _write_aliases(connection, assignment, as_of, everything=everything)
    of_records = of_customers = of_pairs = of_reviews = "true"
    if not everything:
        _reach_customers(connection, work)
        of_customers = "customer_id in (select customer_id from reach_customers)"
        of_records = "(source, source_key) in (select source, source_key from reach)"
        a, b = (f"(source_{end}, key_{end}) in (select source, source_key from reach)" for end in "ab")
        of_pairs = f"{a} and {b}"
        # Whoever was alike to a record that changed, and is no more, need not be in reach.
        a, b = (f"(source_{end}, key_{end}) in (select source, source_key from rescored)" for end in "ab")
        of_reviews = f"({of_pairs} or {a} or {b})"
    ends, with_ends = _ENDS
    for name, key, among, query in (
        (
            "customer_records",
            ["source", "source_key"],
            of_records,
            "select source, source_key, customer_id from records join resolved using (row)",
        ),
        (
            "customers",
            ["customer_id"],
            of_customers,
            f"""
            select customer_id, coalesce(any_value(first_seen), {now}) as first_seen_as_of,
                count(*)::integer as records,
                coalesce(any_value(ids.previous_customer_id), any_value(parted.previous_customer_id))
                as previous_customer_id
            from resolved
            left join ids using (customer_id)
            left join parted using (customer_id)
            group by customer_id
            """,
        ),
        (
            "links",
            [*_PAIR, "rule"],
            of_pairs,
            f"select {ends}, rule, strength, names, probability, weight from kept {with_ends.format('kept')}",
        ),
        (
            "cluster_health",
            ["customer_id"],
            of_customers,
            """
            select customer_id, health.* exclude (cluster)
            from health join resolved on resolved.row = health.cluster
            """,
        ),
        (
            "review_queue",
            _PAIR,
            of_reviews,
            f"""
            select {ends}, probability, weight, cause, {now} as since,
                one.customer_id as customer_a, other.customer_id as customer_b
            from reviews {with_ends.format("reviews")}
            join resolved as one on one.row = reviews.a
            join resolved as other on other.row = reviews.b
            """,
        ),
    ):
        not_compared = ["since"] if name == "review_queue" else []
        rows = work.sql(query).to_arrow_table()
        replace_contents(connection, f"identity.{name}", key, rows, among, not_compared)
    _date_reviews(connection, as_of, everything=everything)


def _write_history(connection: Connection, work: Workspace, assignment: Assignment, as_of: datetime, now: str) -> None:
    """What this night changed replaces what an earlier attempt at it did."""
    since = pa.scalar(as_of, pa.timestamp("us", tz="UTC"))
    moves = work.sql(f"select source, source_key, {now} as since, * exclude (source, source_key) from moves")
    # Run again, a night cannot always tell any more why something changed; what it said first stays.
    replace_contents(
        connection,
        "identity.changes",
        ["source", "source_key", "since"],
        moves.to_arrow_table(),
        f"since = {now}",
        ["cause"],
    )
    for table, column, ids in (
        ("merges", "survivor_id", assignment.merged),
        ("splits", "previous_customer_id", assignment.split),
    ):
        rows = pa.table(
            {
                "customer_id": pa.array(ids.keys(), pa.string()),
                column: pa.array(ids.values(), pa.string()),
                "since": pa.array([since] * len(ids), since.type),
            }
        )
        replace_contents(connection, f"identity.{table}", ["customer_id", "since"], rows, f"since = {now}")
    work.register(
        "split",
        pa.table({"customer_id": list(assignment.split), "previous_customer_id": list(assignment.split.values())}),
    )
    work.execute("create or replace table parted as select * from split")
    work.unregister("split")


def _write_aliases(connection: Connection, assignment: Assignment, as_of: datetime, *, everything: bool) -> None:
    """Lead every ended id to the customer that it is today."""
    if everything:
        query = "select since, customer_id, survivor_id from identity.merges where since <= %s"
        merges = [Merge(*row) for row in connection.execute(query, (as_of,))]
        aliases = resolve_aliases(merges, set(assignment.ids.values()))
        rows = pa.table(
            {
                "customer_id": pa.array([alias.customer_id for alias in aliases], pa.string()),
                "survivor_id": pa.array([alias.survivor_id for alias in aliases], pa.string()),
                "since": pa.array([alias.since for alias in aliases], pa.timestamp("us", tz="UTC")),
            }
        )
        replace_contents(connection, "identity.aliases", ["customer_id"], rows)
        return
    connection.execute(
        """
        update identity.aliases set survivor_id = merges.survivor_id
        from identity.merges where merges.since = %(as_of)s and merges.customer_id = aliases.survivor_id
        """,
        {"as_of": as_of},
    )
    connection.execute(
        """
        insert into identity.aliases (customer_id, survivor_id, since)
        select customer_id, survivor_id, since from identity.merges where since = %(as_of)s
        on conflict (customer_id) do update set survivor_id = excluded.survivor_id, since = excluded.since
        """,
        {"as_of": as_of},
    )


def reached_customers(work: Workspace) -> list[str]:
    """The customers that the records in the workspace had or have."""
    return [customer_id for (customer_id,) in work.sql(_REACHED).fetchall()]


_REACHED = "select live_id as customer_id from before where live_id is not null union select customer_id from resolved"


def write_proposals(connection: Connection, work: Workspace, as_of: datetime, *, everything: bool) -> None:
    """Bring `identity.bypass_proposals` to the workspace's, and to the keys that are held; needs `identity.held`."""
    rows = work.sql(
        f"select key, column_name, value_hash, masked, records, names, timestamptz '{as_of.isoformat()}' as since"
        " from bypass_proposals"
    ).to_arrow_table()
    among = "true"
    if not everything:
        connection.execute("create temporary table proposed_keys (key bigint) on commit drop")
        copy_arrow(connection, "proposed_keys", rows.select(["key"]))
        connection.execute(
            """
            delete from identity.bypass_proposals where key not in (select key from identity.held);
            update identity.bypass_proposals as proposed set records = held.records
            from identity.held where held.key = proposed.key and held.records <> proposed.records
            """
        )
        among = "key in (select key from proposed_keys)"
    replace_contents(connection, "identity.bypass_proposals", ["key"], rows, among, ["since"])


def _reach_customers(connection: Connection, work: Workspace) -> None:
    """Fill the temporary table `reach_customers` with the customers that the records in reach had or have."""
    connection.execute("create temporary table reach_customers (customer_id text primary key) on commit drop")
    copy_arrow(connection, "reach_customers", work.sql(_REACHED).to_arrow_table())
    connection.execute("analyze reach_customers")


def _date_reviews(connection: Connection, as_of: datetime, *, everything: bool) -> None:
    """Say of each pair to review since when it is; and whose records they are now."""
    if not everything:
        connection.execute(
            """
            update identity.review_queue as queue set customer_a = a.customer_id, customer_b = b.customer_id
            from identity.customer_records as a, identity.customer_records as b
            where a.source = source_a and a.source_key = key_a and b.source = source_b and b.source_key = key_b
                and (customer_a <> a.customer_id or customer_b <> b.customer_id)
            """
        )
    same_pair = " and ".join(f"history.{column} = queue.{column}" for column in _PAIR)
    connection.execute(
        f"""
        delete from identity.review_history as history
        where since = %(as_of)s and not exists (select from identity.review_queue as queue where {same_pair});
        """,
        {"as_of": as_of},
    )
    connection.execute(
        f"""
        insert into identity.review_history as history ({", ".join(_PAIR)}, since)
        select {", ".join(_PAIR)}, %(as_of)s from identity.review_queue
        on conflict ({", ".join(_PAIR)}) do update set since = excluded.since where history.since > excluded.since
        """,
        {"as_of": as_of},
    )
    connection.execute(
        f"""
        update identity.review_queue as queue set since = history.since
        from identity.review_history as history where {same_pair} and queue.since <> history.since
        """
    )
