"""The identity stage: which records are one person, and which customer that person is.

Reads `standardised.customers`, links records by the rules, and gives every group of linked records a customer id that
it keeps from night to night. All tables of schema `identity` change in one transaction.

A night builds on what was believed before its own `as_of`, never on its own earlier attempt or on a later night, so
that the same night again gives the same tables and any past night can be rebuilt. A night that follows the one before
looks at what changed since and at whatever that can reach (see incremental.py); its result is that of a full run.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from customer_warehouse.database import Connection, connect, scalar, statement, writer
from customer_warehouse.identity import incremental, overrides, rescoring, state, tables
from customer_warehouse.identity.balance import MAKES, READS, WHAT_TO_DO, record_balances
from customer_warehouse.identity.bypass import propose, read_bypass
from customer_warehouse.identity.changes import assign, find_moves, load_before
from customer_warehouse.identity.engine import Policy, resolve
from customer_warehouse.identity.households import write_households
from customer_warehouse.identity.records import RECORDS, SELECT_RECORDS, load_records, one_row, workspace
from customer_warehouse.identity.records import Workspace as Workspace
from customer_warehouse.identity.stable_ids import Assignment
from customer_warehouse.identity.transfer import read_arrow
from customer_warehouse.night import Night
from customer_warehouse.ops import ledger
from customer_warehouse.ops.conservation import hand_over, hold, taken_over
from customer_warehouse.settings import Settings

SCHEMA = Path(__file__).with_name("schema.sql")


def run(settings: Settings, night: Night, *, full: bool = False, policy: Policy | None = None) -> None:
    """Resolve the records of `standardised.customers` into customers, as believed at the end of `night`.

    With `full`, everything is looked at again; the result is the same. `policy` is the one to follow, else the one
    that holds at the night's end. Raises StageError when the table is not there.
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
        connection.commit()
        hold(settings.url, night, "identity", taken_over(connection, READS), WHAT_TO_DO)
        step.rows_in = int(scalar(connection, "select count(*) from standardised.customers"))
        step.progress()
        step.detail = resolve_night(
            connection,
            work,
            policy or policy_at(connection, night.as_of, settings.business_time_zone),
            night.as_of,
            full=full,
        )
        hold(settings.url, night, "identity", record_balances(connection), WHAT_TO_DO)
        hand_over(connection, night, MAKES)
        connection.commit()
        step.rows_out = step.detail["customers"]


def policy_at(connection: Connection, as_of: datetime, time_zone: str) -> Policy:
    """What identity believes at `as_of`: what is shipped, and the values that are nobody's by then.

    `time_zone` is the IANA name of the business time zone.
    """
    return replace(Policy(), bypass=read_bypass(connection, as_of, time_zone))


def resolve_night(
    connection: Connection, work: Workspace, policy: Policy, as_of: datetime, *, full: bool
) -> dict[str, Any]:
    """Bring the tables of schema `identity` to the night that ends at `as_of`; the caller commits.

    Returns what the ledger tells about it.
    """
    start = incremental.start(connection, policy, as_of, full=full)
    decided = overrides.active(connection, as_of)
    conflicts = overrides.find_conflicts(decided)
    followed = overrides.in_force(decided, conflicts)
    steered = incremental.follow(connection, followed)
    changed = incremental.find_changed(connection)
    why_full = start.why_full or ("much has changed" if incremental.is_much(connection, changed) else None)
    everything = why_full is not None
    if everything:
        incremental.reach_everything(connection)
        load_records(work, read_arrow(connection, SELECT_RECORDS, RECORDS))
        known_held = None
    else:
        incremental.find_reach(connection, work, policy, steered)
        if policy.model is not None:
            rescoring.rescore(connection, work, policy)
        incremental.close_reach(connection)
        of_reach = f"{SELECT_RECORDS} where (source, source_key) in (select source, source_key from reach)"
        load_records(work, read_arrow(connection, of_reach, RECORDS))
        state.read_numbers(connection, work, "reach")
        known_held = state.known_held(connection)
    overrides.put_overrides(work, followed)
    scores_are_known = not everything and policy.model is not None
    if scores_are_known:
        rescoring.known_scores(connection, work)
    resolve(work, policy, known_held, scores_are_known=scores_are_known)
    load_before(connection, work, as_of, everything=everything)
    assignment = assign(work)
    find_moves(work, assignment, steered, by_other_rules=start.by_other_rules)
    tables.write(connection, work, assignment, as_of, everything=everything)
    overrides.write_conflicts(connection, conflicts, as_of)
    households = write_households(
        connection,
        [row.value for row in policy.bypass if row.column == "phone"],
        changed=None if everything else tables.reached_customers(work),
    )
    if everything:
        state.leave_state_of_everything(connection, work, policy)
    else:
        state.leave_state(connection, work)
    propose(work, policy)
    tables.write_proposals(connection, work, as_of, everything=everything)
    state.note_night(connection, start.version, as_of)
    return _detail(connection, work, policy, assignment) | {
        "full": why_full,
        "changed_records": changed,
        "reached_records": int(one_row(work, "select count(*) from records")[0]),
        "households": households,
    }


def _detail(connection: Connection, work: Workspace, policy: Policy, assignment: Assignment) -> dict[str, Any]:
    """What the ledger tells about this night."""
    links: dict[str, int] = dict(
        connection.execute("select rule, count(*) from identity.links group by rule").fetchall()
    )
    kinds = dict(work.sql("select kind, count(*) from moves group by kind").fetchall())
    causes = dict(work.sql("select cause, count(*) from moves group by cause order by cause").fetchall())
    records = int(scalar(connection, "select count(*) from identity.customer_records"))
    customers = int(scalar(connection, "select count(*) from identity.customers"))
    return {
        "records": records,
        "customers": customers,
        "duplicates_merged": records - customers,
        "links": {rule.name: 0 for rule in policy.rules} | links,
        "held_keys": int(scalar(connection, "select count(*) from identity.held")),
        "reviews": int(scalar(connection, "select count(*) from identity.review_queue")),
        "new_records": kinds.get("new", 0) + kinds.get("returned", 0),
        "gone_records": kinds.get("gone", 0),
        "changed_ids": sum(kinds.get(kind, 0) for kind in ("moved", "merged", "split")),
        "merged_ids": len(assignment.merged),
        "split_ids": len(assignment.split),
        "causes": causes,
    }
