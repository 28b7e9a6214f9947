"""Links as a whole: the order of the records, the cap, and values that are no use."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customer_warehouse.identity.names import Name, NameAgreement, compare, read_name
from customer_warehouse.identity.policy import Policy
from customer_warehouse.identity.rules import RULES, Rule, Strength
from fixtures.identity.resolving import FIRST_CREATED, Found, standard_record

NAMES = ["王小明", "王晓明", "陳美玲", "王先生", "Wang Xiaoming", "X Wang", "John Smith", "J Smith", "Jane Smith", None]

RULES_ALONE = Policy(model=None)


@st.composite
def people(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A few records that share few values."""
    raw = st.fixed_dictionaries(
        {
            "name": st.sampled_from(NAMES),
            "phone": st.sampled_from(["0912555101", "0912555102", None]),
            "email": st.sampled_from(["a@gmail.com", "b@gmail.com", None]),
            "birth_date": st.sampled_from(["1980-01-01", "1990-01-01", None, None]),
            "member_number": st.sampled_from(["M1", None, None, None]),
            "created_at": st.sampled_from([FIRST_CREATED, FIRST_CREATED + timedelta(days=1), None]),
        }
    )
    return [standard_record(f"record {number}", one) for number, one in enumerate(draw(st.lists(raw, max_size=12)))]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(people(), st.randoms())
def test_the_order_of_the_records_does_not_matter(records: list[dict[str, Any]], random: st.DataObject) -> None:
    found = Found(records, policy=RULES_ALONE)
    random.shuffle(records)
    again = Found(records, policy=RULES_ALONE)

    assert (again.people, again.links) == (found.people, found.links)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(people())
def test_one_weak_rule_never_makes_one_person_of_two_names_or_birth_dates(records: list[dict[str, Any]]) -> None:
    for record in records:
        record |= {"member_number": None, "phone": None}
    by_key = {record["source_key"]: record for record in records}

    for person in Found(records, policy=RULES_ALONE).people:
        members = [by_key[key] for key in person]
        assert len({record["birth_date"] for record in members} - {None}) <= 1
        for one, other in combinations(members, 2):
            assert compare(name_of(one), name_of(other)) is not NameAgreement.DIFFERENT


def name_of(record: dict[str, Any]) -> Name | None:
    parts = [record[f"full_name{suffix}"] for suffix in ("_key", "", "_given", "_family")]
    return read_name(*parts) if parts[0] else None


def test_a_loyalty_number_that_too_many_share_is_held() -> None:
    records = [standard_record(str(number), {"member_number": "0000"}) for number in range(21)]

    found = Found(records, policy=RULES_ALONE)

    assert len(found.people) == 21
    assert found.held == {"same_member_number": 1}


def test_one_key_of_ten_thousand_records_is_held_and_the_rest_goes_on() -> None:
    shared = standard_record("", {"name": "王小明", "phone": "0912555101"})
    records = [shared | {"source_key": str(number)} for number in range(10_000)]
    records += [standard_record(key, {"name": "陳美玲", "phone": "0912555102"}) for key in ("one", "other")]

    found = Found(records, policy=RULES_ALONE)

    assert found.links == {("one", "other", "same_phone_and_name", "equal")}
    assert found.held == {"same_phone_and_name": 1}


def test_empty_texts_are_no_keys() -> None:
    empty = {"account_id": "", "member_number": "", "email_key": "", "phone": "", "full_name_key": ""}
    records = [standard_record(key, {}) | empty for key in ("one", "other")]

    assert not Found(records, policy=RULES_ALONE).links


def test_values_that_look_alike_only_to_sql_stay_apart() -> None:
    records = [
        standard_record("one", {"member_number": "M1' or '1'='1", "name": "O'Brien"}),
        standard_record("other", {"member_number": "M1", "name": "O\nBrien"}),
    ]

    assert not Found(records, policy=RULES_ALONE).links


def test_no_record_gives_nobody() -> None:
    assert Found([], policy=RULES_ALONE).people == set()


def test_a_link_says_which_record_is_older_and_how_the_names_agree() -> None:
    records = [
        standard_record("b", {"name": "Bob Smith", "phone": "0912555101", "created_at": FIRST_CREATED}),
        standard_record(
            "a", {"name": "Robert Smith", "phone": "0912555101", "created_at": FIRST_CREATED + timedelta(days=1)}
        ),
    ]

    assert Found(records, policy=RULES_ALONE).links == {("b", "a", "same_phone_and_name", "partial")}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_weak_rule_looks_at_names_and_birth_dates_and_none_links_different_names(rule: Rule) -> None:
    assert rule.strength is Strength.STRONG or rule.names is not None
    assert rule.strength is Strength.STRONG or "birth_date" in rule.not_different
    assert NameAgreement.DIFFERENT not in (rule.names or ())


def test_the_rules_go_from_strong_to_weak_and_have_names_of_their_own() -> None:
    strengths = [rule.strength for rule in RULES]
    assert strengths == sorted(strengths, key=list(Strength).index)
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_a_birth_date_on_one_side_only_does_not_part_two_records() -> None:
    one = standard_record("one", {"name": "王小明", "phone": "0912555101"})
    records = [one, one | {"source_key": "other", "birth_date": date(1980, 1, 1)}]

    assert Found(records, policy=RULES_ALONE).people == {frozenset({"one", "other"})}
