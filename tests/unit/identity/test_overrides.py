"""Decisions that contradict each other: found whatever their order, reported, and never both followed."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from customer_warehouse.identity.overrides import Override, find_conflicts, in_force, touched
from customer_warehouse.identity.stable_ids import RecordKey

AT = datetime(2026, 11, 20, tzinfo=UTC)


def decisions(*texts: str) -> list[Override]:
    """Decisions in short: `a=b` is the same person, `a!b` is not; numbered from 1."""
    found = []
    for number, text in enumerate(texts, 1):
        a, b = sorted(RecordKey("shop", text[place]) for place in (0, 2))
        found.append(Override(number, a, b, "same" if text[1] == "=" else "not_same", "Lin", AT, "seen both"))
    return found


def numbers(overrides: list[Override]) -> list[int]:
    return [override.override_id for override in overrides]


def conflicts(*texts: str) -> dict[int, list[int]]:
    """Number of each refused pair → numbers of the decisions that connect it."""
    return {
        conflict.not_same.override_id: numbers(list(conflict.same)) for conflict in find_conflicts(decisions(*texts))
    }


def test_decisions_that_agree_are_all_followed() -> None:
    taken = decisions("a=b", "b=c", "d!e", "a!d")

    assert find_conflicts(taken) == []
    assert in_force(taken) == taken


def test_one_pair_decided_both_ways_is_kept_apart() -> None:
    assert conflicts("a=b", "a!b") == {2: [1]}
    assert numbers(in_force(decisions("a=b", "a!b"))) == [2]


def test_a_chain_that_ends_at_two_people_is_not_followed_at_either_end() -> None:
    assert conflicts("a=b", "b=c", "a!c") == {3: [1, 2]}
    assert numbers(in_force(decisions("a=b", "b=c", "a!c"))) == [3]


def test_what_only_hangs_off_the_chain_is_followed() -> None:
    assert conflicts("a=b", "b=c", "b=d", "d=e", "c=f", "a!c") == {6: [1, 2]}


def test_every_way_between_the_two_is_in_doubt() -> None:
    assert conflicts("a=b", "b=d", "a=c", "c=d", "a!d") == {5: [1, 2, 3, 4]}


def test_a_pair_decided_twice_is_one_connection() -> None:
    assert conflicts("a=b", "b=c", "b=c", "c=d", "a!b") == {5: [1]}


def test_the_sentence_names_decisions_and_no_record() -> None:
    (conflict,) = find_conflicts(decisions("a=b", "b=c", "a!c"))

    assert conflict.explanation == (
        "Decision 3 says that two records are not one person, decisions 1, 2 together say that they are;"
        " withdraw what is wrong. Until then the two are kept apart."
    )


def test_a_new_conflict_touches_the_records_in_between_as_well() -> None:
    before = decisions("a=b", "b=c")
    now = decisions("a=b", "b=c", "a!c")

    assert {record.source_key for record in touched(before, now)} == {"a", "b", "c"}
    assert touched(now, now) == set()


PAIRS = st.tuples(st.sampled_from("abcdefg"), st.sampled_from("=!"), st.sampled_from("abcdefg"))
TAKEN = st.lists(PAIRS.filter(lambda pair: pair[0] != pair[2]).map("".join), max_size=14)


@given(TAKEN)
def test_what_is_followed_never_contradicts_itself(texts: list[str]) -> None:
    followed = in_force(decisions(*texts))

    graph = nx.Graph((override.a, override.b) for override in followed if override.decision == "same")
    graph.add_nodes_from(record for override in followed for record in (override.a, override.b))
    for override in followed:
        assert override.decision == "same" or not nx.has_path(graph, override.a, override.b)
    assert find_conflicts(followed) == []


@given(TAKEN, st.randoms(use_true_random=False))
def test_the_order_of_decisions_does_not_matter(texts: list[str], random: Random) -> None:
    taken = decisions(*texts)
    shuffled = list(taken)
    random.shuffle(shuffled)

    assert set(in_force(shuffled)) == set(in_force(taken))
    assert {(c.not_same, c.same) for c in find_conflicts(shuffled)} == {
        (c.not_same, c.same) for c in find_conflicts(taken)
    }


@given(TAKEN)
def test_a_decision_is_doubted_only_where_it_lies_between_two_people(texts: list[str]) -> None:
    taken = decisions(*texts)
    doubted = set(taken) - set(in_force(taken))

    for conflict in find_conflicts(taken):
        graph = nx.Graph((override.a, override.b) for override in conflict.same)
        assert nx.has_path(graph, conflict.not_same.a, conflict.not_same.b)
        assert all(degree > 1 or end in (conflict.not_same.a, conflict.not_same.b) for end, degree in graph.degree)
    assert doubted == {override for conflict in find_conflicts(taken) for override in conflict.same}
