"""From links to customers: stewards' decisions, identifiers that disagree, size, and the health of customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import networkx
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customer_warehouse.identity.clusters import find_clusters
from customer_warehouse.identity.engine import Policy
from customer_warehouse.identity.links import find_links
from customer_warehouse.identity.records import RECORDS, load_records, workspace

RULES_ALONE = Policy(model=None)
SAME, NOT_SAME = "same", "not_same"
Pair = tuple[int, int]


@dataclass(frozen=True)
class Settled:
    """What became of records whose links are given."""

    parts: set[frozenset[int]]
    kept: set[tuple[int, int, str]]
    reviews: dict[Pair, str]
    health: dict[int, tuple[Any, ...]]
    """Customer → records, links, density, bridges, weakest, action."""


def settle(
    size: int,
    links: Mapping[Pair, str] | None = None,
    scores: Mapping[Pair, float] | None = None,
    decisions: Iterable[tuple[int, int, str]] = (),
    national_ids: Mapping[int, str] | None = None,
    policy: Policy = RULES_ALONE,
) -> Settled:
    """Settle records 0 … size-1 under links of rules (pair → strength) and scores (pair → probability)."""
    given_ids = national_ids or {}
    rows = [
        {"source": "shop", "source_key": f"{number:05}", "national_id": given_ids.get(number)} for number in range(size)
    ]
    with workspace() as work:
        load_records(work, pa.Table.from_pylist(rows, schema=RECORDS).to_batches())
        work.execute(
            """
            create table keys (row bigint, kind varchar, key bigint, voice bigint);
            create table held (kind varchar, key bigint, records integer, voices integer);
            create table scores (a bigint, b bigint, probability double, weight double)
            """
        )
        find_links(work, policy)
        for (a, b), strength in (links or {}).items():
            work.execute("insert into links (a, b, rule, strength) values (?, ?, 'a_rule', ?)", [a, b, strength])
        for (a, b), probability in (scores or {}).items():
            work.execute(
                "insert into scores values (?, ?, $3, log2($3 / (1 - $3)))".replace("?, ?", "$1, $2"),
                [a, b, probability],
            )
        for a, b, decision in decisions:
            work.execute("insert into overrides values (?, ?, ?, 1)", [a, b, decision])
        find_clusters(work, policy)
        parts: dict[int, set[int]] = {}
        for row, cluster in work.sql("select row, cluster from components").fetchall():
            parts.setdefault(cluster, set()).add(row)
        assert all(min(part) == cluster for cluster, part in parts.items())
        return Settled(
            {frozenset(part) for part in parts.values()},
            set(work.sql("select a, b, rule from kept").fetchall()),
            {(a, b): cause for a, b, cause in work.sql("select a, b, cause from reviews").fetchall()},
            {cluster: tuple(rest) for cluster, *rest in work.sql("from health").fetchall()},
        )


def groups(*parts: set[int]) -> set[frozenset[int]]:
    return {frozenset(part) for part in parts}


def test_scores_are_linked_put_to_people_or_left_by_their_probability() -> None:
    found = settle(6, scores={(0, 1): 0.95, (2, 3): 0.9499, (4, 5): 0.7499})

    assert found.parts == groups({0, 1}, {2}, {3}, {4}, {5})
    assert found.reviews == {(2, 3): "score"}
    assert found.health == {0: (2, 1, 1.0, 1, 0.95, "none")}


def test_thresholds_are_settings() -> None:
    policy = replace(RULES_ALONE, link_threshold=0.7, review_threshold=0.6)

    found = settle(4, scores={(0, 1): 0.7, (2, 3): 0.6}, policy=policy)

    assert (found.parts, found.reviews) == (groups({0, 1}, {2}, {3}), {(2, 3): "score"})


def test_a_steward_links_what_nothing_else_does_and_what_identifiers_part() -> None:
    found = settle(2, decisions=[(1, 0, SAME)], national_ids={0: "A123456789", 1: "F987654321"})

    assert (found.parts, found.kept) == (groups({0, 1}), {(0, 1, "steward")})


def test_a_steward_parts_what_rules_link_at_the_weakest_link() -> None:
    links = {(0, 1): "strong", (1, 2): "weak", (2, 3): "strong"}

    found = settle(4, links, decisions=[(0, 3, NOT_SAME)])

    assert found.parts == groups({0, 1}, {2, 3})
    assert found.reviews == {}, "what a steward has settled is not asked again"
    assert {action for *_, action in found.health.values()} == {"split"}


def test_decisions_that_contradict_each_other_leave_the_two_apart() -> None:
    found = settle(3, decisions=[(0, 1, SAME), (1, 2, SAME), (0, 2, NOT_SAME)])

    assert not any({0, 2} <= part for part in found.parts)


def test_clearly_different_identity_numbers_split_a_customer_and_are_put_to_people() -> None:
    links = {(0, 1): "strong", (1, 2): "weak"}

    found = settle(3, links, national_ids={0: "A123456789", 2: "F987654321"})

    assert (found.parts, found.reviews) == (groups({0, 1}, {2}), {(1, 2): "identifier"})


def test_a_slip_in_an_identity_number_splits_nobody() -> None:
    found = settle(2, {(0, 1): "weak"}, national_ids={0: "A123456789", 1: "A123456798"})

    assert found.parts == groups({0, 1})


def test_a_customer_of_too_many_forms_is_split_and_put_to_people() -> None:
    found = settle(200, {(number, number + 1): "weak" for number in range(199)})

    assert max(map(len, found.parts)) <= RULES_ALONE.book.caps.forms_of_a_customer
    assert len(found.parts) < 10, "no more than has to be"
    assert set(found.reviews.values()) == {"too_large"}


pairs = st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] < pair[1])
worlds = st.fixed_dictionaries(
    {
        "links": st.dictionaries(pairs, st.sampled_from(["strong", "weak"]), max_size=6),
        "scores": st.dictionaries(pairs, st.sampled_from([0.3, 0.8, 0.96, 0.999]), max_size=6),
        "decisions": st.lists(
            st.tuples(pairs, st.sampled_from([SAME, NOT_SAME])).map(lambda one: (*one[0], one[1])),
            max_size=3,
            unique_by=lambda one: one[:2],
        ),
        "national_ids": st.dictionaries(st.integers(0, 7), st.sampled_from(["A123456789", "F987654321"]), max_size=3),
    }
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds)
def test_customers_hang_together_by_what_is_kept_and_health_is_what_networkx_says(world: dict[str, Any]) -> None:
    found = settle(8, **world)

    graph = networkx.Graph([(a, b) for a, b, _ in found.kept])
    graph.add_nodes_from(range(8))
    assert {frozenset(part) for part in networkx.connected_components(graph)} == found.parts
    for a, b, decision in world["decisions"]:
        assert decision == SAME or not any({a, b} <= part for part in found.parts)
    if not any(decision == SAME for *_, decision in world["decisions"]):
        for cluster, (records, links, density, bridges, _, _) in found.health.items():
            part = graph.subgraph(next(part for part in found.parts if cluster in part))
            assert (records, links) == (part.number_of_nodes(), part.number_of_edges())
            assert density == pytest.approx(networkx.density(part))
            assert bridges == len(list(networkx.bridges(part)))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds, worlds)
def test_a_component_is_settled_the_same_whatever_else_there_is(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Incremental nights stand on this: they see some components, a full run sees all."""
    both = {
        "links": one["links"] | {(a + 8, b + 8): strength for (a, b), strength in other["links"].items()},
        "scores": one["scores"] | {(a + 8, b + 8): score for (a, b), score in other["scores"].items()},
        "decisions": one["decisions"] + [(a + 8, b + 8, decision) for a, b, decision in other["decisions"]],
        "national_ids": one["national_ids"] | {row + 8: value for row, value in other["national_ids"].items()},
    }

    together = settle(16, **both)
    alone = settle(8, **one), settle(8, **other)

    assert together.parts == alone[0].parts | {frozenset(row + 8 for row in part) for part in alone[1].parts}
    assert together.reviews == alone[0].reviews | {(a + 8, b + 8): cause for (a, b), cause in alone[1].reviews.items()}
