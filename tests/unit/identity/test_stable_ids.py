"""Customer ids that stay: the laws of assigning them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from customer_warehouse.identity.stable_ids import Assignment, Merge, RecordKey, assign_ids, new_id, resolve_aliases

FIRST_NIGHT = datetime(2026, 11, 19, 16, tzinfo=UTC)
IDS = ["CA", "CB", "CC", "CD"]
SEEN = {"CA": FIRST_NIGHT, "CB": FIRST_NIGHT + timedelta(days=1), "CC": FIRST_NIGHT, "CD": FIRST_NIGHT}


def founding(component: int) -> RecordKey:
    return RecordKey("shop_platform", str(component))


def assign(now: Sequence[int], before: Sequence[str | None], seen: Mapping[str, datetime] = SEEN) -> Assignment:
    return assign_ids(now, before, seen, founding)


beliefs = st.lists(st.tuples(st.integers(0, 6), st.none() | st.sampled_from(IDS)), min_size=1, max_size=30)


def test_a_component_keeps_the_id_that_most_of_its_records_had() -> None:
    assert assign([0, 0, 0], ["CB", "CB", "CA"]) == Assignment({0: "CB"}, {"CA": "CB"}, {})


def test_a_tie_goes_to_the_older_id_and_then_to_the_smaller() -> None:
    assert assign([0, 0], ["CB", "CC"]) == Assignment({0: "CC"}, {"CB": "CC"}, {})
    assert assign([0, 0], ["CD", "CC"]) == Assignment({0: "CC"}, {"CD": "CC"}, {})


def test_in_a_split_the_larger_part_keeps_the_id_and_the_other_gets_a_new_one() -> None:
    split = assign([0, 1, 1], ["CA", "CA", "CA"])

    assert split.ids == {0: new_id(founding(0)), 1: "CA"}
    assert split.merged == {}
    assert split.split == {new_id(founding(0)): "CA"}


def test_in_an_even_split_the_part_with_the_founding_record_keeps_the_id() -> None:
    assert assign([0, 1], ["CA", "CA"]).ids == {0: "CA", 1: new_id(founding(1))}


def test_a_component_that_loses_its_best_id_to_a_larger_one_keeps_its_second() -> None:
    assert assign([0, 0, 0, 1, 1, 1, 1], ["CA", "CA", "CB", "CA", "CA", "CA", "CA"]).ids == {0: "CB", 1: "CA"}


def test_an_id_whose_records_are_scattered_leads_to_where_most_of_them_went() -> None:
    before = ["CA", "CB", "CB", "CA", "CA", "CC", "CC", "CC"]
    assert assign([0, 0, 0, 5, 5, 5, 5, 5], before).merged == {"CA": "CC"}


def test_a_new_id_is_never_one_that_was_used() -> None:
    first = new_id(founding(0))
    again = assign([0], [None], {first: FIRST_NIGHT}).ids[0]

    assert re.fullmatch(r"C[A-Z2-7]{12}", first)
    assert again == new_id(founding(0), {first}) != first


@given(beliefs)
def test_every_component_gets_one_id_that_no_other_has(belief: list[tuple[int, str | None]]) -> None:
    now, before = zip(*belief, strict=True)
    found = assign(now, before)

    assert found.ids.keys() == set(now)
    assert len(set(found.ids.values())) == len(found.ids)


@given(beliefs)
def test_an_id_is_kept_only_by_a_component_with_a_record_of_it(belief: list[tuple[int, str | None]]) -> None:
    now, before = zip(*belief, strict=True)

    for component, customer_id in assign(now, before).ids.items():
        assert customer_id not in SEEN or (component, customer_id) in belief


@given(beliefs)
def test_every_id_before_is_kept_or_leads_to_a_customer_with_one_of_its_records(
    belief: list[tuple[int, str | None]],
) -> None:
    now, before = zip(*belief, strict=True)
    found = assign(now, before)

    customers = {customer_id: component for component, customer_id in found.ids.items()}
    assert found.merged.keys() == {customer_id for customer_id in before if customer_id} - customers.keys()
    assert all((customers[survivor], ended) in belief for ended, survivor in found.merged.items())


@given(beliefs)
def test_the_component_with_most_records_of_an_id_keeps_it_unless_it_keeps_a_better_one(
    belief: list[tuple[int, str | None]],
) -> None:
    overlaps = Counter(belief)
    now, before = zip(*belief, strict=True)
    found = assign(now, before)
    keeper = {customer_id: component for component, customer_id in found.ids.items()}

    for (component, customer_id), records in overlaps.items():
        if customer_id is None or found.ids[component] == customer_id:
            continue
        own = overlaps[component, found.ids[component]]
        theirs = overlaps[keeper[customer_id], customer_id] if customer_id in keeper else 0
        assert max(own, theirs) >= records


@given(beliefs, st.randoms())
def test_the_order_of_the_records_does_not_matter(belief: list[tuple[int, str | None]], random: st.DataObject) -> None:
    now, before = zip(*belief, strict=True)
    shuffled = list(belief)
    random.shuffle(shuffled)
    now_too, before_too = zip(*shuffled, strict=True)

    assert assign(now_too, before_too) == assign(now, before)


@given(beliefs)
def test_unchanged_records_keep_every_id(belief: list[tuple[int, str | None]]) -> None:
    now, before = zip(*belief, strict=True)
    ids = assign(now, before).ids
    seen = dict.fromkeys(ids.values(), FIRST_NIGHT)

    assert assign(now, [ids[component] for component in now], seen) == Assignment(ids, {}, {})


def test_an_alias_leads_to_the_living_customer_in_one_hop() -> None:
    nights = [FIRST_NIGHT + timedelta(days=day) for day in range(3)]
    merges = [Merge(nights[0], "CA", "CB"), Merge(nights[1], "CB", "CC"), Merge(nights[2], "CC", "CD")]

    assert resolve_aliases(merges, {"CD"}) == [
        Merge(nights[0], "CA", "CD"),
        Merge(nights[1], "CB", "CD"),
        Merge(nights[2], "CC", "CD"),
    ]


def test_a_living_customer_is_no_alias() -> None:
    assert resolve_aliases([Merge(FIRST_NIGHT, "CA", "CB")], {"CA", "CB"}) == []
