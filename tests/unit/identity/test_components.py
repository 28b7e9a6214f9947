"""Connected components, against networkx on random graphs."""

from __future__ import annotations

import networkx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from customer_warehouse.identity.components import connected_components


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    size = draw(st.integers(1, 60))
    nodes = st.integers(0, size - 1)
    return size, draw(st.lists(st.tuples(nodes, nodes), max_size=90))


def components(size: int, links: list[tuple[int, int]]) -> list[int]:
    ends = np.array(links, dtype=np.int64).reshape(-1, 2)
    return connected_components(size, ends[:, 0], ends[:, 1]).tolist()


@given(graphs())
def test_components_are_those_of_networkx_named_by_their_smallest_node(
    graph: tuple[int, list[tuple[int, int]]],
) -> None:
    size, links = graph
    oracle = networkx.Graph(links)
    oracle.add_nodes_from(range(size))

    found = components(size, links)

    for members in networkx.connected_components(oracle):
        assert {found[node] for node in members} == {min(members)}


@given(graphs(), st.randoms())
def test_the_order_of_the_links_does_not_matter(
    graph: tuple[int, list[tuple[int, int]]], random: st.DataObject
) -> None:
    size, links = graph
    other_way = [(b, a) for a, b in links]
    random.shuffle(other_way)

    assert components(size, other_way) == components(size, links)


def test_one_long_path_is_one_component() -> None:
    nodes = np.random.default_rng(20261121).permutation(200_000)

    assert not connected_components(200_000, nodes[:-1], nodes[1:]).any()
