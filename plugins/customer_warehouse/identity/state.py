"""What a run leaves for the next one: numbered records with their hashes, keys, components and scores.

A full run makes it anew; a night by changes brings it up to date.
"""

from __future__ import annotations

import re
from datetime import datetime

import numpy as np
import pyarrow as pa

from customer_warehouse.database import Connection, copy_arrow, quoted, statement
from customer_warehouse.identity.keys import caps
from customer_warehouse.identity.model import LEAST
from customer_warehouse.identity.policy import Policy
from customer_warehouse.identity.records import SELECT_RECORDS, Workspace
from customer_warehouse.identity.transfer import copy_numbers, read_table

NUMBERS = pa.schema([("source", pa.string()), ("source_key", pa.string()), ("record", pa.int64())])
HELD = pa.schema([("kind", pa.string()), ("key", pa.int64()), ("records", pa.int32()), ("voices", pa.int32())])


def fingerprint(connection: Connection) -> str:
    """SQL of the hash of all columns that RECORDS are made of."""
    columns = connection.execute(
        "select column_name from information_schema.columns"
        " where table_schema = 'standardised' and table_name = 'customers' order by column_name"
    )
    read = [quoted(name) for (name,) in columns if re.search(rf"\b{re.escape(name)}\b", SELECT_RECORDS)]
    return f"hash_record_extended(row({', '.join(read)}), 0)"


def known_held(connection: Connection) -> pa.Table:
    """The keys that are over their cap in the whole warehouse, as `hold_keys` takes them."""
    return read_table(connection, "select kind, key, records, voices_at_least as voices from identity.held", HELD)


def read_numbers(connection: Connection, work: Workspace, table: str) -> None:
    """Bring the numbers of records into the workspace, as `numbers` (source, source_key, record)."""
    work.register("found", read_table(connection, f"select source, source_key, record from {table}", NUMBERS))
    work.execute("create or replace table numbers as select * from found")
    work.unregister("found")


def put_keys(connection: Connection, work: Workspace, table: str) -> None:
    """Write the workspace's `keys` under the records' `numbers`."""
    kinds = connection.execute("select name, kind from identity.key_kinds").fetchall()
    work.register("kind_numbers", pa.table({"name": [name for name, _ in kinds], "kind": [kind for _, kind in kinds]}))
    found = work.sql(
        """
        select key, voice, record::integer as record, kind_numbers.kind::smallint as kind
        from keys
        join kind_numbers on kind_numbers.name = keys.kind
        join records using (row)
        join numbers using (source, source_key)
        order by record
        """
    ).fetchnumpy()
    work.unregister("kind_numbers")
    copy_numbers(connection, table, {name: np.asarray(values) for name, values in found.items()})


def put_scores(connection: Connection, work: Workspace, table: str) -> None:
    """Write the workspace's `scores` of candidates under the records' `numbers`."""
    found = work.sql(
        """
        select one.record::integer as one, other.record::integer as other, probability, weight
        from scores
        semi join candidates using (a, b)
        join records as record_a on record_a.row = a
        join records as record_b on record_b.row = b
        join numbers as one on one.source = record_a.source and one.source_key = record_a.source_key
        join numbers as other on other.source = record_b.source and other.source_key = record_b.source_key
        where probability >= ?
        order by one, other
        """,
        params=[LEAST],
    ).fetchnumpy()
    copy_numbers(connection, table, {name: np.asarray(values) for name, values in found.items()})


def leave_state(connection: Connection, work: Workspace) -> None:
    """After a run of what `reach` holds: records and components as they are now."""
    connection.execute("create temporary table placed (record integer, component integer) on commit drop")
    _put_components(connection, work, "placed")
    connection.execute(
        """
        analyze placed;
        delete from identity.records using changed where event = 'gone' and records.record = changed.record;
        insert into identity.records (record, source, source_key, fingerprint, component)
        select record, source, source_key, fingerprint, component
        from changed join placed using (record) where event = 'new';
        update identity.records set fingerprint = changed.fingerprint
        from changed where event = 'changed' and records.record = changed.record;
        update identity.records set component = placed.component
        from placed where records.record = placed.record and records.component <> placed.component
        """
    )


def leave_state_of_everything(connection: Connection, work: Workspace, policy: Policy) -> None:
    """After a full run: all records, numbered anew, with their keys and the keys that are held."""
    connection.execute(
        """
        truncate identity.records, identity.keys, identity.key_kinds, identity.held, identity.scores;
        drop index identity.scores_of_one, identity.scores_of_other, identity.keys_by_key, identity.keys_of_record,
            identity.records_by_number, identity.records_of_component
        """
    )
    work.execute("create or replace table numbers as select source, source_key, row as record from records")
    kinds = caps(policy)["kind"].to_pylist()
    copy_arrow(
        connection, "identity.key_kinds", pa.table({"kind": pa.array(range(len(kinds)), pa.int16()), "name": kinds})
    )
    put_keys(connection, work, "identity.keys")
    if policy.model is not None:
        put_scores(connection, work, "identity.scores")
    copy_arrow(
        connection,
        "identity.held",
        work.sql("select kind, key, records, voices as voices_at_least from held").to_arrow_table(),
    )
    connection.execute(
        "create temporary table placed (record integer, component integer, source text, source_key text) on commit drop"
    )
    copy_arrow(
        connection,
        "placed",
        work.sql(
            "select row as record, component, source, source_key from records join components using (row)"
            " order by source, source_key"
        ).to_arrow_table(),
    )
    connection.execute(
        statement(
            f"""
            insert into identity.records (record, source, source_key, fingerprint, component)
            select placed.record, source, source_key, now.fingerprint, placed.component
            from placed
            join (
                select source, source_key, {fingerprint(connection)} as fingerprint from standardised.customers
            ) as now using (source, source_key);
            create index scores_of_one on identity.scores (one);
            create index scores_of_other on identity.scores (other);
            create index keys_by_key on identity.keys (key);
            create index keys_of_record on identity.keys (record);
            create unique index records_by_number on identity.records (record);
            create index records_of_component on identity.records (component);
            analyze identity.scores;
            analyze identity.keys;
            analyze identity.records
            """
        )
    )


def _put_components(connection: Connection, work: Workspace, table: str) -> None:
    """Write the workspace's components, each named by the smallest number of its records."""
    found = work.sql(
        """
        select record::integer as record, (min(record) over (partition by component))::integer as component
        from components join records using (row) join numbers using (source, source_key)
        """
    ).fetchnumpy()
    copy_numbers(connection, table, {name: np.asarray(values) for name, values in found.items()})


def note_night(connection: Connection, version: str, as_of: datetime) -> None:
    """Say which night the tables show."""
    connection.execute(
        "insert into identity.nights (as_of, policy) values (%s, %s)"
        " on conflict (as_of) do update set policy = excluded.policy",
        (as_of, version),
    )
    connection.execute("delete from identity.state")
    connection.execute("insert into identity.state (as_of, policy) values (%s, %s)", (as_of, version))
