"""Groups taken apart: random graphs against networkx, and the laws that hold for any evidence."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from time import perf_counter

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_warehouse.identity.guards import Evidence, bridges, split

NODES = 9
PAIRS = list(combinations(range(NODES), 2))
FOR, AGAINST = Evidence(5_000, 1, True), Evidence(-5_000, 1, False)

graphs = st.lists(st.sampled_from(PAIRS), unique=True)
evidences = st.dictionaries(
    st.sampled_from(PAIRS),
    st.builds(lambda weight: Evidence(weight, 1, weight >= 4_000), st.integers(-8_000, 12_000)),
    max_size=25,
)
separated = st.lists(st.sampled_from(PAIRS), max_size=4)


def parts(labels: list[int]) -> set[frozenset[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for node, label in enumerate(labels):
        found[label].add(node)
    return {frozenset(part) for part in found.values()}


@given(graphs)
def test_the_bridges_are_those_that_networkx_finds(links: list[tuple[int, int]]) -> None:
    graph = networkx.Graph(links)

    assert bridges(links) == {(min(link), max(link)) for link in networkx.bridges(graph)}


@pytest.mark.parametrize("seed", range(5))
def test_the_bridges_of_large_random_graphs_are_those_that_networkx_finds(seed: int) -> None:
    graph = networkx.gnm_random_graph(3_000, 3_300, seed=seed)

    assert bridges(map(tuple, map(sorted, graph.edges))) == {(min(link), max(link)) for link in networkx.bridges(graph)}


@given(graphs)
def test_where_nothing_speaks_against_it_what_is_linked_stays_together(links: list[tuple[int, int]]) -> None:
    graph = networkx.Graph(links)
    graph.add_nodes_from(range(NODES))

    found = split(NODES, dict.fromkeys(links, FOR))

    assert parts(found) == {frozenset(part) for part in networkx.connected_components(graph)}


@given(evidences, separated)
def test_parts_are_linked_inside_and_nothing_that_must_be_apart_is_together(
    evidence: dict[tuple[int, int], Evidence], apart: list[tuple[int, int]]
) -> None:
    found = split(NODES, evidence, apart, unknown=-1_000, bar=3_000, largest=5)

    links = networkx.Graph([pair for pair, known in evidence.items() if known.linked])
    links.add_nodes_from(range(NODES))
    assert all(networkx.is_connected(links.subgraph(part)) for part in parts(found))
    assert all(found[one] != found[other] for one, other in apart)
    assert all(len(part) <= 5 and min(part) == found[min(part)] for part in parts(found))


@given(evidences, separated, st.randoms())
def test_the_order_of_the_evidence_does_not_matter(
    evidence: dict[tuple[int, int], Evidence], apart: list[tuple[int, int]], random: st.DataObject
) -> None:
    again, shuffled = list(evidence.items()), list(apart)
    random.shuffle(again)
    random.shuffle(shuffled)

    assert split(NODES, dict(again), shuffled, unknown=-1_000) == split(NODES, evidence, apart, unknown=-1_000)


def test_one_link_does_not_hold_two_groups_that_disagree() -> None:
    left, right = (0, 1, 2), (3, 4, 5)
    evidence = {pair: FOR for group in (left, right) for pair in combinations(group, 2)}
    evidence |= {(one, other): AGAINST for one in left for other in right} | {(2, 3): FOR}

    assert parts(split(6, evidence)) == {frozenset(left), frozenset(right)}


def test_a_chain_is_cut_at_its_weakest_link_between_two_who_must_be_apart() -> None:
    evidence = {(0, 1): Evidence(9_000, 1, True), (1, 2): Evidence(5_000, 1, True), (2, 3): Evidence(8_000, 1, True)}

    assert parts(split(4, evidence, [(0, 3)])) == {frozenset({0, 1}), frozenset({2, 3})}


def test_two_who_look_likely_but_are_not_linked_stay_two() -> None:
    assert split(2, {(0, 1): Evidence(3_000, 1, False)}) == [0, 1]


@pytest.mark.parametrize("shape", [networkx.path_graph, networkx.star_graph], ids=["chain", "star"])
def test_ten_thousand_in_one_group_take_bounded_time(shape: type) -> None:
    links = {(min(link), max(link)): FOR for link in shape(9_999).edges}
    started = perf_counter()

    found = split(10_000, links, unknown=-1, largest=50)

    assert max(map(len, parts(found))) <= 50
    assert perf_counter() - started < 20
