"""Names of people: what the examples (tests/fixtures/standardise/person_name.yml) do not say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_warehouse.standardise.characters import simplified
from customer_warehouse.standardise.company_names import KEY_MARK
from customer_warehouse.standardise.name_words import chinese_words, latin_words
from customer_warehouse.standardise.person_name import compose, standardise
from customer_warehouse.standardise.reference import read
from unit.standardise.realistic import values

SURNAMES = sorted(chinese_words().surnames)
CHARACTERS = "美玲志明大文方林黃陳歐陽張簡單于曉雲國華樂行"


@pytest.mark.parametrize(
    ("given", "family", "name"),
    [
        pytest.param("大明", "王", "王大明", id="Chinese"),
        pytest.param("志明", "歐陽", "歐陽志明", id="compound surname"),
        pytest.param("David", "Chen", "David Chen", id="Latin"),
        pytest.param("Maria", "Garcia Lopez", "Garcia Lopez, Maria", id="family name of two words"),
        pytest.param("David", "王", "王 David", id="English given name"),
        pytest.param("王大明", None, "王大明", id="all of it in the given name"),
        pytest.param("王大明", "", "王大明", id="empty family name"),
        pytest.param("王大明", "王", "王大明", id="whole name and family name"),
        pytest.param("王", "大明", "王大明", id="fields the wrong way round"),
        pytest.param("吳", "平", "吳平", id="fields the wrong way round, one character each"),
        pytest.param("歐陽", "志明", "歐陽志明", id="fields the wrong way round, compound surname"),
        pytest.param("大 明", "王", "王 大 明", id="space within the given name"),
        pytest.param("Tai Man", "Chan", "Chan, Tai Man", id="given name that begins like a surname"),
        pytest.param(None, None, None, id="nothing"),
    ],
)
def test_a_name_in_two_fields_becomes_one(given: str | None, family: str | None, name: str | None) -> None:
    assert compose(given, family) == name


def test_a_family_name_of_two_words_stays_one() -> None:
    answer = standardise(compose("Maria", "Garcia Lopez"))
    assert (answer.value, answer.parts) == ("Maria Garcia Lopez", {"given": "Maria", "family": "Garcia Lopez"})


def test_fields_of_a_latin_name_the_wrong_way_round_are_turned() -> None:
    answers = [
        standardise(compose(*fields)) for fields in (("Williams", "Alice"), ("Chen", "Mei-Ling"), ("Lin", "Peter"))
    ]

    assert [(answer.parts or {})["family"] for answer in answers] == ["Williams", "Chen", "Lin"]


@given(st.text(CHARACTERS, min_size=1, max_size=5), st.text(CHARACTERS, min_size=1, max_size=5))
def test_names_with_one_key_sound_the_same(one: str, other: str) -> None:
    answers = [standardise(name) for name in (one, simplified(one), other)]
    sounds: dict[str | None, set[str]] = {}
    for answer in answers:
        sounds.setdefault(answer.key, set()).add((answer.parts or {}).get("pinyin", ""))

    assert all(len(found) == 1 for found in sounds.values())


@given(st.sampled_from(SURNAMES), st.sampled_from(["美玲", "志明", "家豪", "雅婷"]))
def test_any_surname_before_a_given_name_is_the_family_name(surname: str, given_name: str) -> None:
    alone, beside_another = standardise(surname).parts or {}, standardise(f"陳{given_name}").parts or {}

    assert standardise(f"{surname}{given_name}").parts == {
        "family": surname,
        "given": given_name,
        "pinyin": beside_another["pinyin"].replace("chen", alone["pinyin"]),
    }


def test_only_companies_have_the_keys_of_companies() -> None:
    for raw in values("person_name", 5_000):
        answer = standardise(raw)
        is_company = "company" in answer.flags
        assert (answer.key or "").startswith(KEY_MARK) == is_company
        assert not (is_company and answer.parts)


def test_the_lists_of_surnames_fit_into_each_other() -> None:
    known = chinese_words()

    assert known.never_given <= known.usual <= known.surnames
    assert all(len(surname) == 2 for surname in known.compound)
    assert not latin_words().western & latin_words().given


def test_readings_are_of_simplified_characters() -> None:
    readings = read("names")["readings"]

    assert all(character == simplified(character) for listed in readings.values() for character in listed)
    assert all(len(character) == 1 for place in ("surname", "given") for character in readings[place])
    assert set(readings["compound"]) <= chinese_words().compound
