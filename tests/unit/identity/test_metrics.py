"""Agreement of clusters with a truth: by hand, and against counting every pair and every record."""

from __future__ import annotations

from itertools import combinations

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_warehouse.identity.metrics import Agreement, agreement

Row = tuple[int, str | None]
"""A record's cluster and its entity."""


DATABASE = duckdb.connect(":memory:")


def measured(rows: list[Row]) -> tuple[Agreement, Agreement]:
    clusters, entities = zip(*rows, strict=True) if rows else ((), ())
    table = pa.table({"cluster": pa.array(clusters, pa.int64()), "entity": pa.array(entities, pa.string())})
    DATABASE.register("labelled", table)
    return agreement(DATABASE, "labelled")


def test_two_clusters_that_exchanged_a_record() -> None:
    # given: {1: a a b}, {2: b b}, of a's 2 records and b's 3
    rows: list[Row] = [(1, "a"), (1, "a"), (1, "b"), (2, "b"), (2, "b")]

    pairwise, b_cubed = measured(rows)

    # then: of 4 pairs said 2 are right, of 4 true ones 2 are found
    assert pairwise == Agreement(2 / 4, 2 / 4)
    assert b_cubed.precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)
    assert b_cubed.recall == pytest.approx((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5)


def test_clusters_that_are_the_entities_are_perfect() -> None:
    pairwise, b_cubed = measured([(7, "a"), (7, "a"), (3, "b")])

    assert pairwise == b_cubed == Agreement(1.0, 1.0)
    assert pairwise.f1 == b_cubed.f1 == 1.0


def test_everything_apart_says_nothing_wrong_and_finds_nothing() -> None:
    pairwise, b_cubed = measured([(1, "a"), (2, "a")])

    assert pairwise == Agreement(1.0, 0.0)
    assert pairwise.f1 == 0.0
    assert b_cubed == Agreement(1.0, 0.5)


def test_a_record_without_an_entity_does_not_count() -> None:
    assert measured([(1, "a"), (1, None), (2, "b")]) == measured([(1, "a"), (2, "b")])


def test_a_cluster_of_a_million_needs_no_pairs() -> None:
    query = "(select 1 as cluster, 'a' as entity from range(1000000) union all select 1, 'b')"

    pairwise, _ = agreement(DATABASE, query)

    assert pairwise == Agreement((10**6 - 1) / (10**6 + 1), 1.0)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([None, "a", "b", "c", "d"])), max_size=14))
def test_the_formulas_are_what_counting_gives(rows: list[Row]) -> None:
    pairwise, b_cubed = measured(rows)

    labelled = [row for row in rows if row[1] is not None]
    pairs = list(combinations(labelled, 2))
    said = [one for one, other in pairs if one[0] == other[0]]
    true = [one for one, other in pairs if one[1] == other[1]]
    right = [one for one, other in pairs if one == other]
    assert pairwise.precision == pytest.approx(len(right) / len(said) if said else 1.0)
    assert pairwise.recall == pytest.approx(len(right) / len(true) if true else 1.0)
    assert pairwise.f1 == pytest.approx(2 * len(right) / (len(said) + len(true)) if said and true else pairwise.f1)

    def average(side: int) -> float:
        shares = [labelled.count(row) / [other[side] for other in labelled].count(row[side]) for row in labelled]
        return sum(shares) / len(shares) if shares else 1.0

    assert b_cubed.precision == pytest.approx(average(0))
    assert b_cubed.recall == pytest.approx(average(1))
