"""Scores in a night by changes: only pairs that can have another score than before are compared again.

A pair's score depends on its two records alone, so the scores of the last run hold for all pairs but these: those
with a record that changed, or that shares a key of a rule that came to be held or is no longer, as what is held is no
evidence; those whose shared blocking key came to be held or is no longer; and those that a rule links now or no
longer does, as such pairs are not scored. Records that say the same are scored as one, under the oldest of them, so
they count as changed together; they share all blocking keys, and their voice.

Temporary tables of a run:
`fresh` (record): records of which every pair is compared again;
`around` (record): records that share a touched key of a rule, or one that came to be held or is no longer; pairs among
them are compared again.
"""

from __future__ import annotations

import pyarrow as pa

from customer_warehouse.database import Connection, statement
from customer_warehouse.identity import state
from customer_warehouse.identity.candidates import BLOCKING
from customer_warehouse.identity.engine import gather, score
from customer_warehouse.identity.policy import Policy
from customer_warehouse.identity.records import RECORDS, SELECT_RECORDS, Workspace, load_records
from customer_warehouse.identity.transfer import read_arrow, read_table

SCORES = pa.schema(
    [("one", pa.int64()), ("other", pa.int64()), ("probability", pa.float64()), ("weight", pa.float64())]
)


def rescore(connection: Connection, work: Workspace, policy: Policy) -> None:
    """Bring `identity.scores` up to date, and let `reached_components` reach whatever new scores connect."""
    blocking = {"blocking": list(BLOCKING)}
    connection.execute(
        """
        create temporary table fresh on commit drop as
        select record from changed where event <> 'gone'
        union
        select alike.record
        from alike
        join (select key, voice from new_keys union select key, voice from old_keys) as said using (key, voice)
        join counted using (key)
        where kind = any(%(blocking)s) and not (was_held and is_held)
        union
        select alike.record
        from alike join counted using (key)
        where kind <> all(%(blocking)s) and was_held <> is_held
        """,
        blocking,
    )
    connection.execute(
        """
        create temporary table around on commit drop as
        select distinct alike.record
        from alike join counted using (key)
        where case when kind = any(%(blocking)s) then was_held <> is_held else not (was_held and is_held) end
        """,
        blocking,
    )
    connection.execute(
        """
        analyze fresh;
        analyze around;
        insert into rescored
        select source, source_key from identity.records join fresh using (record)
        except
        select source, source_key from rescored
        """
    )
    connection.execute(
        """
        create temporary table usable on commit drop as
        select record, key, voice
        from identity.keys join identity.key_kinds using (kind)
        where name = any(%(blocking)s)
            and (record in (select record from fresh) or record in (select record from around))
            and not exists (select from identity.held where held.kind = name and held.key = keys.key)
        """,
        blocking,
    )
    connection.execute(
        """
        create temporary table near on commit drop as
        select keys.record
        from identity.keys
        join (select distinct key from usable where record in (select record from fresh)) as shared using (key)
        union
        select keys.record
        from identity.keys
        join (
            select min(key) as key, voice from usable where record in (select record from around) group by record, voice
        ) as shared using (key, voice);
        analyze near
        """
    )
    connection.execute(
        """
        insert into reached_components
        select distinct component
        from identity.records join fresh using (record)
        where component not in (select component from reached_components);
        create temporary table compared on commit drop as
        select source, source_key, record
        from identity.records
        where record in (select record from near)
            or component in (select component from reached_components)
        union
        select source, source_key, record from changed where event = 'new';
        analyze compared
        """
    )
    load_records(
        work,
        read_arrow(
            connection,
            f"{SELECT_RECORDS} where (source, source_key) in (select source, source_key from compared)",
            RECORDS,
        ),
    )
    state.read_numbers(connection, work, "compared")
    for table in ("fresh", "around"):
        _mark(connection, work, table)
    gather(work, policy, state.known_held(connection), only_fresh=True)
    score(work, policy)
    connection.execute(
        """
        delete from identity.scores using fresh where one = fresh.record;
        delete from identity.scores using fresh where other = fresh.record;
        delete from identity.scores using changed where one = changed.record;
        delete from identity.scores using changed where other = changed.record;
        delete from identity.scores using around as a, around as b where one = a.record and other = b.record;
        create temporary table new_scores (like identity.scores) on commit drop
        """
    )
    state.put_scores(connection, work, "new_scores")
    connection.execute(
        statement(
            """
            insert into identity.scores select * from new_scores;
            insert into reached_components
            select distinct component
            from identity.records
            where component not in (select component from reached_components)
                and record in (
                    select one from new_scores where probability >= {0}
                    union
                    select other from new_scores where probability >= {0}
                )
            """.format(float(policy.review_threshold))
        )
    )


def _mark(connection: Connection, work: Workspace, table: str) -> None:
    """Bring a table of record numbers into the workspace, as rows."""
    found = read_table(connection, f"select record from {table}", pa.schema([("record", pa.int64())]))
    work.register("marked", found)
    work.execute(
        f"""
        create or replace table {table} as
        select row from marked join numbers using (record) join records using (source, source_key)
        """
    )
    work.unregister("marked")


def known_scores(connection: Connection, work: Workspace) -> None:
    """Fill the workspace's `scores` with those of the state, of pairs of which both records are here."""
    query = "select one, other, probability, weight from identity.scores where one in (select record from reach)"
    work.register("found", read_table(connection, query, SCORES))
    work.execute(
        """
        create or replace table scores as
        select
            least(record_a.row, record_b.row) as a,
            greatest(record_a.row, record_b.row) as b,
            probability,
            weight
        from found
        join numbers as one on one.record = found.one
        join numbers as other on other.record = found.other
        join records as record_a on record_a.source = one.source and record_a.source_key = one.source_key
        join records as record_b on record_b.source = other.source and record_b.source_key = other.source_key
        """
    )
    work.unregister("found")
