"""How Chinese names sound, in characters and in every usual spelling."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from customer_warehouse.identity.romanisation import (
    cantonese,
    cantonese_of_characters,
    mandarin,
    mandarin_of_characters,
    mandarin_surname,
    usual_surname,
)
from customer_warehouse.standardise.characters import simplified, unaccented
from customer_warehouse.standardise.name_words import romanised_surnames

CASES = yaml.safe_load((Path(__file__).parents[2] / "fixtures" / "identity" / "same_sound.yml").read_text())


def codes(name: str, *, is_surname: bool = False) -> tuple[str | None, str | None]:
    """The Mandarin and the Cantonese code of a name in characters or letters."""
    if not name.isascii() and not unaccented(name).isascii():
        folded = simplified(name)
        pair = mandarin_of_characters, cantonese_of_characters
        return pair[0](folded, is_surname=is_surname), pair[1](folded, is_surname=is_surname)
    joined = unaccented(name).replace("-", "").replace(" ", "").replace("'", "")
    return usual_surname(joined) if is_surname else mandarin(name), cantonese(name)


@pytest.mark.parametrize("language", ["mandarin", "cantonese"])
@pytest.mark.parametrize("surnames", [False, True], ids=["given", "surname"])
def test_what_sounds_alike_has_one_code(language: str, surnames: bool) -> None:
    group = f"{language} surnames" if surnames else language
    for names in CASES[group]:
        found = {name: codes(name, is_surname=surnames)[language == "cantonese"] for name in names}
        assert len(set(found.values())) == 1 and None not in found.values(), found


@pytest.mark.parametrize("names", CASES["different"], ids=lambda names: names[0])
def test_what_sounds_different_has_no_code_in_common(names: list[str]) -> None:
    for one, other in combinations(names, 2):
        assert not {*codes(one)} & {*codes(other)} - {None}, (one, other)


@pytest.mark.parametrize("name", CASES["no sound"], ids=range(len(CASES["no sound"])))
def test_what_is_no_chinese_name_has_no_code(name: str) -> None:
    assert mandarin(name) is None
    assert cantonese(name) is None


def test_the_table_of_surnames_agrees_with_the_readings_of_its_characters() -> None:
    for row in romanised_surnames():
        folded = simplified(row["characters"])
        by_reading = mandarin_of_characters(folded, is_surname=True)
        for spelling in (row["pinyin"], row["taiwan"]):
            assert by_reading == mandarin_surname(spelling), row
        if row["cantonese"]:
            assert cantonese_of_characters(folded, is_surname=True) == cantonese(row["cantonese"]), row


@given(st.text(max_size=200))
def test_any_text_has_a_code_or_none(text: str) -> None:
    for function in (mandarin, cantonese):
        code = function(text)
        assert code is None or (code.isascii() and code.isalpha() and code.islower())
        assert function(text) == code
    assert isinstance(mandarin_of_characters(text), str)
    assert isinstance(cantonese_of_characters(text), str)


@given(st.lists(st.sampled_from(["xiao", "ming", "hsiu", "ying", "tsz", "wai", "an", "e", "ju", "chi"]), max_size=3))
def test_case_and_separators_do_not_matter_where_every_syllable_is_apart(syllables: list[str]) -> None:
    for function in (mandarin, cantonese):
        assert function("-".join(syllables)) == function(" ".join(syllables)) == function("-".join(syllables).upper())
