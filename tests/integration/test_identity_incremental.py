"""A night that looks at what changed and what that can reach gives what a full run gives, ids and history included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customer_warehouse.database import Connection, connect, statement
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.identity import keys, overrides, stage
from customer_warehouse.identity.bypass import Bypass
from customer_warehouse.identity.engine import Policy
from customer_warehouse.identity.model import load_model
from customer_warehouse.identity.records import workspace
from customer_warehouse.identity.rules import RULES
from customer_warehouse.identity.stable_ids import RecordKey
from fixtures.identity.standardised import customers_table, put_records

FIRST_NIGHT = datetime(2026, 11, 18, 16, tzinfo=UTC)
KEYS = [f"r{number}" for number in range(9)]
STRICT = Policy(rules=tuple(replace(rule, cap=2) for rule in RULES), model=None)
"""Two records, or two people, are many: keys go over their cap and come back all the time."""
SCORED = replace(STRICT, model=load_model())
OTHERS: dict[str, dict[str, Any]] = {
    "cap": {"rules": tuple(replace(rule, cap=4) for rule in RULES)},
    "bypass": {"bypass": (Bypass("phone", "+886912555101", "anna", "the store's own"),)},
}

COMPARED = {
    "customer_records": "select * from identity.customer_records",
    "customers": "select * from identity.customers",
    "changes": "select * from identity.changes",
    "merges": "select * from identity.merges",
    "splits": "select * from identity.splits",
    "aliases": "select * from identity.aliases",
    "links": "select * from identity.links",
    "reviews": "select * from identity.review_queue",
    "health": "select * from identity.cluster_health",
    "household keys": "select * from identity.household_keys",
    "conflicts": "select not_same_id, same_ids, since from identity.override_conflicts",
    "households": "select * from identity.households",
    "proposals": "select key, column_name, value_hash, masked, records from identity.bypass_proposals",
    "held": "select kind, key, records from identity.held",
    "nights": "select * from identity.nights",
    "state": "select as_of, policy from identity.state",
    "records": """
        select r.source, r.source_key, r.fingerprint, first.source, first.source_key
        from identity.records as r
        join (
            select component, min((source, source_key)::text) as named from identity.records group by component
        ) as components using (component)
        join identity.records as first on (first.source, first.source_key)::text = named
    """,
    "scores": """
        select a.source, a.source_key, b.source, b.source_key, probability, weight
        from identity.scores
        join identity.records as one on one.record = scores.one
        join identity.records as other on other.record = scores.other
        cross join lateral (
            select one.source, one.source_key where one.source_key < other.source_key
            union all select other.source, other.source_key where one.source_key > other.source_key
        ) as a
        cross join lateral (
            select one.source, one.source_key where one.source_key > other.source_key
            union all select other.source, other.source_key where one.source_key < other.source_key
        ) as b
    """,
    "keys": """
        select source, source_key, name, key, voice
        from identity.keys join identity.records using (record) join identity.key_kinds using (kind)
    """,
}
"""Every table of the stage; records by their keys, as their numbers are given anew by a full run."""

records = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["王小明", "王小明", "陳美玲", "J Smith", "John Smith", "Jane Smith", None]),
        "created_at": st.sampled_from([FIRST_NIGHT - timedelta(days=day) for day in (3, 2, 1)]),
    },
    optional={
        "phone": st.sampled_from(["0912555101", "0912555102", "0912555103"]),
        "email": st.sampled_from(["a.wang@gmail.com", "smith@gmail.com"]),
        "account_id": st.sampled_from(["1", "2"]),
        "birth_date": st.sampled_from(["1980-01-02", "1990-03-04", "1990-04-03"]),
    },
)


@dataclass
class NightsWork:
    """What happens before a night, and how it is run."""

    changed: dict[str, dict[str, Any] | None]
    """Key → the record as it is now; None when it is gone."""
    decisions: list[tuple[tuple[str, str], str, int]] = field(default_factory=list)
    """Pairs of records, what is decided about them, and for how many nights."""
    withdrawn: list[int] = field(default_factory=list)
    """Decisions that end, by their number."""
    other: str | None = None
    """What is other about the rules than on most nights."""
    day: int = 1
    """How many days after the night before; 0 and less runs a night again."""


work_of_nights = st.builds(
    NightsWork,
    changed=st.dictionaries(st.sampled_from(KEYS), st.none() | records | records | records, max_size=5),
    decisions=st.lists(
        st.tuples(
            st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)).filter(lambda pair: pair[0] < pair[1]),
            st.sampled_from([overrides.SAME, overrides.NOT_SAME]),
            st.integers(1, 3),
        ),
        max_size=2,
    ),
    withdrawn=st.lists(st.integers(1, 4), max_size=1),
    other=st.sampled_from([None, None, None, None, None, None, *OTHERS]),
    day=st.sampled_from([1, 1, 1, 1, 1, 2, 0, -1]),
)


@pytest.fixture(scope="module")
def warehouses(server: Server) -> Iterator[tuple[str, str]]:
    """Two empty warehouses: one for nights that look at changes, one for nights that look at everything."""
    names = ("by_changes", "by_everything")
    for name in names:
        server.create_database(name, template="empty_warehouse")
        with connect(server.url(name)) as connection:
            connection.execute(statement(customers_table()))
            connection.execute(statement(stage.SCHEMA.read_text(encoding="utf-8")))
    yield server.url(names[0]), server.url(names[1])
    for name in names:
        server.drop_database(name)


@pytest.fixture
def few_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three records are many for a blocking key, and for records that say the same."""
    monkeypatch.setattr(keys, "MOST_VOICES", 3)
    monkeypatch.setattr(keys, "MOST_RECORDS", 3)


def empty(url: str) -> None:
    with connect(url) as connection:
        tables = connection.execute(
            "select string_agg(table_schema || '.' || table_name, ', ') from information_schema.tables"
            " where table_schema = 'identity' and table_type = 'BASE TABLE'"
        ).fetchone()
        assert tables
        connection.execute(statement(f"truncate {tables[0]} restart identity"))


def run_night(url: str, as_of: datetime, policy: Policy = STRICT, *, full: bool = False) -> dict[str, Any]:
    with connect(url) as connection, workspace() as work:
        detail = stage.resolve_night(connection, work, policy, as_of, full=full)
        connection.commit()
    return detail


def decide(connection: Connection, pair: tuple[str, str], decision: str, at: datetime, until: datetime) -> None:
    a, b = (RecordKey("shop_platform", key) for key in pair)
    number = overrides.decide(connection, (a, b), decision, "anna", "they called", until)
    connection.execute("update identity.overrides set decided_at = %s where override_id = %s", (at, number))


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    with connect(url) as connection:
        return {name: sorted(connection.execute(statement(q)).fetchall(), key=repr) for name, q in COMPARED.items()}


def check(warehouses: tuple[str, str], nights: list[NightsWork], usual: Policy = STRICT) -> list[str | None]:
    """Run the nights both ways, comparing after each; returns why the nights by changes looked at everything."""
    for url in warehouses:
        empty(url)
    known: dict[datetime, dict[str, dict[str, Any]]] = {}
    as_of, why = FIRST_NIGHT, []
    for night in nights:
        as_of = max(as_of + timedelta(days=night.day), FIRST_NIGHT)
        held = dict(known.get(as_of) or max(known.items(), default=(as_of, {}))[1])
        held |= {key: record for key, record in night.changed.items() if record}
        known[as_of] = {key: record for key, record in held.items() if night.changed.get(key, record)}
        for url in warehouses:
            put_records(url, known[as_of])
            with connect(url) as connection:
                for pair, decision, days in night.decisions:
                    decide(connection, pair, decision, as_of - timedelta(hours=1), as_of + timedelta(days=days))
                connection.execute(
                    "update identity.overrides set withdrawn_at = %s, withdrawn_by = 'anna'"
                    " where override_id = any(%s) and withdrawn_at is null",
                    (as_of - timedelta(hours=1), night.withdrawn),
                )
        policy = replace(usual, **OTHERS[night.other]) if night.other else usual
        why.append(run_night(warehouses[0], as_of, policy)["full"])
        run_night(warehouses[1], as_of, policy, full=True)
        assert contents(warehouses[0]) == contents(warehouses[1])
    return why


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(work_of_nights, min_size=2, max_size=3))
def test_a_night_by_changes_gives_what_a_full_run_gives(warehouses: tuple[str, str], nights: list[NightsWork]) -> None:
    check(warehouses, nights)


@pytest.mark.usefixtures("few_share")
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(work_of_nights, min_size=2, max_size=3))
def test_scores_are_those_of_a_full_run(warehouses: tuple[str, str], nights: list[NightsWork]) -> None:
    check(warehouses, nights, SCORED)


@pytest.mark.slow
@pytest.mark.usefixtures("few_share")
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(work_of_nights, min_size=3, max_size=6))
def test_many_nights_with_scores_give_what_full_runs_give(
    warehouses: tuple[str, str], nights: list[NightsWork]
) -> None:
    check(warehouses, nights, SCORED)


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(work_of_nights, min_size=3, max_size=8))
def test_many_nights_by_changes_give_what_full_runs_give(warehouses: tuple[str, str], nights: list[NightsWork]) -> None:
    check(warehouses, nights)
