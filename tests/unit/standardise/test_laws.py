"""Laws of every type: no text raises, takes long, or comes back in the reason; and what is standard stays as it is."""

from __future__ import annotations

import re
import time
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_warehouse.standardise.characters import clean
from customer_warehouse.standardise.columns import TYPES, standardise_column
from customer_warehouse.standardise.value import Value
from unit.standardise import realistic

LONGEST_MS = 10.0
REASON = re.compile(r"[a-z]+(?:_[a-z]+)*")

anything = st.text(st.characters(exclude_categories=()), max_size=200)
"""Any Unicode text, halves of characters included."""
near_misses = st.text(
    st.sampled_from("0912345678+-()/#,.:@ 一二十號号樓段之王先生abcMr民國年月日TZ$元\u200b\u0301０＠😀"), max_size=60
)
"""Texts of the characters that the types look for."""

HARD = {
    "ten thousand letters": "a" * 10_000,
    "ten thousand digits": "1" * 10_000,
    "ten thousand spaces": "1" + " " * 9_998 + "1",
    "ten thousand at signs": "@" * 10_000,
    "ten thousand addresses": "a@b.tw " * 1_400,
    "a thousand digits": "9" * 1_000,
    "brackets": "<" * 5_000 + ">" * 5_000,
    "commas and digits": "1," * 5_000,
    "combining marks": "\u0315\u0300" * 2_500,
    "characters that grow": "\ufdfa" * 3_333,
    "Chinese characters": "臺" * 3_333,
    "Chinese numerals": "一十" * 80,
    "emoji with joiners": "👨\u200d" * 1_400,
    "zero-width characters": "\u200b" * 3_333,
    "half characters": "\ud800" * 3_333,
    "hyphens": "a-" * 60,
    "almost a phone": "0912345678 " * 10,
    "almost an address": "1-" * 240,
    "names": "O'Brien-" * 15,
}

MILLION = 1_000_000
HUGE = {
    "a million letters": "a" * MILLION,
    "a million digits": "0912345678" * (MILLION // 10),
    "a million spaces": "1" + " " * MILLION + "1",
    "a million spaces behind": "0912345679" + " " * MILLION,
    "a million invisible characters": "\u200b" * MILLION,
    "a million control characters": "\x00" * MILLION,
    "a million at signs": "@" * MILLION,
    "a million addresses": "a@b.tw " * MILLION,
    "a million brackets": "<" * MILLION + ">" * MILLION,
    "a million Chinese characters": "臺" * MILLION,
    "a million combining marks": "\u0315\u0300" * (MILLION // 2),
    "a million characters that grow": "\ufdfa" * MILLION,
    "a million full-width digits": "０" * MILLION,
    "a million halves of characters": "\ud800" * MILLION,
    "a million plus signs": "+1 " * MILLION,
}


def answer_of(type_name: str, raw: str | None) -> Value:
    options: dict[str, Any] = realistic.OPTIONS.get(type_name, {})
    return TYPES[type_name].standardise(raw, **options)


@pytest.mark.parametrize("type_name", TYPES)
@settings(deadline=None)
@given(raw=anything | near_misses)
def test_any_text_gets_an_answer(type_name: str, raw: str) -> None:
    answer = answer_of(type_name, raw)
    assert answer.value is None or answer.reason is None
    assert (answer.key is not None) == (TYPES[type_name].has_key and answer.value is not None)
    assert answer.reason is None or REASON.fullmatch(answer.reason)
    assert answer.value != "" and answer.key != ""


@pytest.mark.parametrize("type_name", TYPES)
@settings(deadline=None)
@given(raw=anything | near_misses)
def test_a_text_is_missing_exactly_when_nothing_of_it_can_be_seen(type_name: str, raw: str) -> None:
    if clean(raw) is None:
        assert answer_of(type_name, raw) == Value(None)
    elif type_name != "code":
        assert answer_of(type_name, raw) != Value(None)


@pytest.mark.parametrize("type_name", ["text", "email", "phone", "person_name", "postal_address"])
def test_a_standard_value_of_real_input_is_its_own_standard(type_name: str) -> None:
    for raw in realistic.values(type_name, 3_000):
        answer = answer_of(type_name, raw)
        if answer.value is not None:
            again = answer_of(type_name, answer.value)
            assert (again.value, again.key) == (answer.value, answer.key)


@settings(deadline=None)
@given(raw=anything)
def test_cleaning_a_clean_text_changes_nothing(raw: str) -> None:
    once = clean(raw)
    assert clean(once) == once


@pytest.mark.parametrize("case", HARD)
@pytest.mark.parametrize("type_name", TYPES)
def test_no_value_takes_long(type_name: str, case: str) -> None:
    assert milliseconds(type_name, HARD[case]) <= LONGEST_MS


@pytest.mark.parametrize("case", HUGE)
@pytest.mark.parametrize("type_name", TYPES)
def test_no_value_of_megabytes_takes_long(type_name: str, case: str) -> None:
    assert milliseconds(type_name, HUGE[case]) <= LONGEST_MS


def milliseconds(type_name: str, raw: str) -> float:
    """What the text takes of the processor, at best."""
    answer_of(type_name, raw)  # the first call loads word lists
    spent = []
    for _ in range(3):
        start = time.process_time()
        answer_of(type_name, raw)
        spent.append((time.process_time() - start) * 1_000)
    return min(spent)


@pytest.mark.parametrize("type_name", TYPES)
def test_a_column_of_megabytes_gets_the_scalar_answers(type_name: str) -> None:
    raws = [raw for case, raw in HUGE.items() if "halves" not in case]
    options: dict[str, Any] = realistic.OPTIONS.get(type_name, {})
    found = standardise_column(type_name, pd.Series(raws, dtype=pd.ArrowDtype(pa.string())), options)
    answers = [answer_of(type_name, raw) for raw in raws]
    assert pa.array(found.canonical).to_pylist() == [answer.value for answer in answers]
    assert pa.array(found.reason).to_pylist() == [answer.reason for answer in answers]
