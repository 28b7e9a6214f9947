"""What a night changes: which customer each record belongs to now, what it was before, and why it is another.

`before` (source, source_key, live_id, last_id, claimed_id, event, component): what was believed of a record before the
night. `live_id` is the customer it belonged to, null when it was not there; `last_id` the last one it ever belonged to;
`claimed_id` the one it may keep. `event` says what happened to the record itself: new, changed, gone, or null;
`component` is where links connected it in the last run.
`ids` (customer_id, first_seen, previous_customer_id): the ids that those records ever had.
`resolved` (row, customer_id): the night's result.
`moves`: the rows of `identity.changes` but their night.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import pyarrow as pa

from customer_warehouse.database import Connection
from customer_warehouse.identity.records import Workspace
from customer_warehouse.identity.stable_ids import Assignment, RecordKey, assign_ids
from customer_warehouse.identity.transfer import read_table

_TEXT = pa.string()
_TIME = pa.timestamp("us", tz="UTC")
HISTORY = pa.schema([("source", _TEXT), ("source_key", _TEXT), ("customer_id", _TEXT), ("since", _TIME)])
REACH = pa.schema(
    [("source", _TEXT), ("source_key", _TEXT), ("record", pa.int64()), ("component", pa.int64()), ("event", _TEXT)]
)
IDS = pa.schema([("customer_id", _TEXT), ("first_seen", _TIME), ("previous_customer_id", _TEXT)])
TAKEN = pa.schema([("customer_id", _TEXT)])


def load_before(connection: Connection, work: Workspace, as_of: datetime, *, everything: bool) -> None:
    """Fill `before` and `ids` from `identity.changes` before `as_of` and from the temporary table `reach`.

    Of everything, or only of the records in `reach`.
    """
    of_reach = "" if everything else " and (source, source_key) in (select source, source_key from reach)"
    history = f"from identity.changes where since < %s{of_reach}"
    work.register("history", read_table(connection, f"select {', '.join(HISTORY.names)} {history}", HISTORY, (as_of,)))
    work.register("reached", read_table(connection, f"select {', '.join(REACH.names)} from reach", REACH))
    work.execute(
        """
        create or replace table before as
        select source, source_key, live_id, last_id, live_id as claimed_id, event, component
        from (
            select
                source,
                source_key,
                arg_max_null(customer_id, since) as live_id,
                arg_max(customer_id, since) as last_id
            from history
            group by all
        )
        full join reached using (source, source_key)
        """
    )
    work.unregister("history")
    work.unregister("reached")
    ids = "customer_id is not null" if everything else f"customer_id in (select customer_id {history})"
    work.register(
        "ids_before",
        read_table(
            connection,
            f"""
            select
                customer_id,
                min(since) as first_seen,
                (
                    select previous_customer_id from identity.splits
                    where splits.customer_id = changes.customer_id and splits.since < %s
                    order by splits.since limit 1
                ) as previous_customer_id
            from identity.changes
            where since < %s and {ids}
            group by customer_id
            """,
            IDS,
            (as_of, as_of) if everything else (as_of, as_of, as_of),
        ),
    )
    work.execute("create or replace table ids as select * from ids_before")
    work.unregister("ids_before")
    _claim_again(connection, work, as_of, everything=everything)


def _claim_again(connection: Connection, work: Workspace, as_of: datetime, *, everything: bool) -> None:
    """A record that comes back claims the id it had, unless that id has lived on or was merged."""
    claimed = [
        customer_id
        for (customer_id,) in work.sql(
            """
            select distinct last_id
            from before join records using (source, source_key)
            where live_id is null and last_id is not null
            """
        ).fetchall()
    ]
    if not claimed:
        return
    query = "select customer_id from identity.merges where since < %s and customer_id = any(%s)"
    parameters: list[object] = [as_of, claimed]
    if not everything:
        query += " union select customer_id from identity.customers where customer_id = any(%s)"
        parameters.append(claimed)
    work.register("taken", read_table(connection, query, TAKEN, parameters))
    work.execute(
        """
        update before set claimed_id = last_id
        where live_id is null and last_id not in (
            select live_id from before where live_id is not null union all select customer_id from taken
        )
        """
    )
    work.unregister("taken")


def assign(work: Workspace) -> Assignment:
    """Give the clusters their ids, and leave them in `resolved`."""
    found = (
        work.sql(
            """
            select source, source_key, cluster, claimed_id
            from records
            join components using (row)
            left join before using (source, source_key)
            order by row
            """
        )
        .to_arrow_table()
        .combine_chunks()
    )
    sources, keys, clusters, claimed = found.columns
    numbers = clusters.to_pylist()
    assignment = assign_ids(
        numbers,
        claimed.to_pylist(),
        dict(work.sql("select customer_id, first_seen from ids").fetchall()),
        lambda row: RecordKey(sources[row].as_py(), keys[row].as_py()),
    )
    _put(work, "resolved", {"row": range(len(numbers)), "customer_id": [assignment.ids[number] for number in numbers]})
    return assignment


def find_moves(work: Workspace, assignment: Assignment, steered: Iterable[RecordKey], *, by_other_rules: bool) -> None:
    """Fill `moves`: each record whose customer is another than before, with the kind of change and its cause.

    `steered` are the records about which other decisions of stewards are in force than before; `by_other_rules` says
    that the night's rules are not those of the night before. What happened to the record itself comes first, then
    stewards, then rules, then what came to the records that it hangs together with; where none of that is so, something
    that held it before is gone.
    """
    _put(work, "ended", {"customer_id": list(assignment.merged)})
    _put(work, "parted", {"customer_id": list(assignment.split)})
    records = list(steered)
    _put(
        work,
        "steered",
        {"source": [record.source for record in records], "source_key": [record.source_key for record in records]},
    )
    other_rules = "true" if by_other_rules else "false"
    work.execute(
        f"""
        create or replace temp table told as
        select
            source, source_key, customer_id, live_id, last_id, event,
            before.component as component_before, found.component as component_now,
            steered.source is not null as is_steered
        from (select * from records join resolved using (row) join components using (row)) as found
        full join before using (source, source_key)
        left join steered using (source, source_key);

        create or replace temp table of_component_now as
        select component_now, bool_or(event = 'new') as has_new, bool_or(event = 'changed') as has_changed,
            bool_or(is_steered) as has_steered
        from told where component_now is not null group by all;
        create or replace temp table of_component_before as
        select component_before, bool_or(event = 'gone') as had_gone, bool_or(is_steered) as had_steered
        from told where component_before is not null group by all;

        create or replace table moves as
        select source, source_key, customer_id, last_id as previous_customer_id, kind,
            case
                when kind in ('new', 'returned') then 'new_record'
                when kind = 'gone' then 'deleted_record'
                when has_steered or had_steered then 'steward'
                when event = 'changed' then 'changed_record'
                when {other_rules} then 'new_rule_version'
                when kind = 'split' then 'erased_evidence'
                when has_new then 'new_record'
                when has_changed then 'changed_record'
                when had_gone then 'deleted_record'
                else 'erased_evidence'
            end as cause
        from (
            select *,
                case
                    when customer_id is null then 'gone'
                    when last_id is null then 'new'
                    when live_id is null then 'returned'
                    when live_id in (select customer_id from ended) then 'merged'
                    when customer_id in (select customer_id from parted) then 'split'
                    else 'moved'
                end as kind
            from told
            where customer_id is distinct from live_id
        )
        left join of_component_now using (component_now)
        left join of_component_before using (component_before);
        drop table told;
        drop table of_component_now;
        drop table of_component_before
        """
    )


def _put(work: Workspace, table: str, columns: dict[str, Iterable[object]]) -> None:
    """Make a table of the workspace of whole columns: `row` of numbers, all others of text."""
    arrays = {name: pa.array(values, pa.int64() if name == "row" else _TEXT) for name, values in columns.items()}
    work.register("put", pa.table(arrays))
    work.execute(f"create or replace table {table} as select * from put")
    work.unregister("put")
