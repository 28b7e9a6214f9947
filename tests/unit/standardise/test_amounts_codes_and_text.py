"""Money, codes and plain text: laws, and what a declaration may not ask for. The examples are in the fixtures."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_warehouse.standardise import code_lists, code_value, currencies, money_amount, stock_code, text_value
from customer_warehouse.standardise.reference import read
from unit.standardise.realistic import full_width

AMOUNTS = st.decimals(min_value=0, max_value=9_999_999, places=2)


@given(amount=AMOUNTS, mark=st.sampled_from(sorted(currencies.marks())), behind=st.booleans())
def test_an_amount_is_read_in_a_currency_that_its_mark_may_mean_and_in_no_other(
    amount: Decimal, mark: str, behind: bool
) -> None:
    text = f"{amount} {mark}" if behind else f"{mark} {amount}"
    meant = currencies.marks()[mark]

    for currency in ("TWD", "USD", "CNY", "JPY", *sorted(meant)[:1]):
        answer = money_amount.standardise(text, currency=currency)
        assert (answer.value, answer.reason) == ((amount, None) if currency in meant else (None, "other_currency"))


@given(amount=AMOUNTS)
def test_a_negated_amount_is_the_amount_with_its_sign_turned(amount: Decimal) -> None:
    for text in (f"-{amount}", f"({amount})", f"NT$-{amount}", f"{amount}-"):
        assert money_amount.standardise(text, negate=True).value == amount


@given(amount=AMOUNTS)
def test_both_decimal_marks_say_the_same(amount: Decimal) -> None:
    english = f"{amount:,}"
    european = english.translate(str.maketrans(",.", ".,"))

    assert money_amount.standardise(european, decimal=",") == money_amount.standardise(english)


@pytest.mark.parametrize("name", read("codes"))
def test_every_word_of_a_list_leads_to_a_value_of_it_and_every_value_to_itself(name: str) -> None:
    words, values = code_lists.words(name), code_lists.values(name)

    assert {value for value in words.values() if value is not None} == set(values)
    assert all(code_value.standardise(value, list=name).value == value for value in values)


def test_countries_are_those_of_iso() -> None:
    assert len(code_lists.values("country")) == 249
    assert {"TW", "CN", "HK", "MO", "GB", "NO"} <= set(code_lists.values("country"))


def test_a_word_that_two_values_claim_is_an_error_of_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    lists = {"colour": {"red": ["rot", "r"], "green": ["R"]}}
    monkeypatch.setattr(code_lists, "read", lambda _: lists)

    with pytest.raises(ValueError, match="means both 'red' and 'green'"):
        code_lists.words.__wrapped__("colour")


def test_booleans_of_a_declaration_are_their_names() -> None:
    assert code_value.standardise("True", map={True: "granted", False: "denied"}).value == "granted"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"map": {"M": "man"}, "values": ["male"]},
        {"map": {"M": "man"}, "list": "gender"},
        {"values": ["male"], "otherwise": "man"},
        {"list": "colour"},
    ],
)
def test_a_code_map_that_leads_nowhere_is_an_error_of_the_declaration(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="code"):
        code_value.standardise("M", **options)


@given(code=st.from_regex(r"\A[A-Z0-9]{1,8}(-[A-Z0-9]{1,8}){0,3}\Z"))
def test_a_stock_code_is_the_same_however_it_is_dressed(code: str) -> None:
    answer = stock_code.standardise(code)

    for dressed in (code.lower(), full_width(code), code.replace("-", " \u2013 "), f' ="{code}"', f"'{code}"):
        if answer.value is not None:
            assert stock_code.standardise(dressed) == answer


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        pytest.param("  a \n\t b ", "a b", id="whitespace"),
        pytest.param(full_width("ABC 123"), "ABC 123", id="full width"),
        pytest.param("a\x00b\x07c", "abc", id="control characters"),
        pytest.param("a\u200bb\u202ec\ufeff", "abc", id="zero-width and direction marks"),
        pytest.param("a\ud800b", "ab", id="half a character"),
        pytest.param("好\U000e0100", "好", id="variation selector of a Chinese character"),
        pytest.param("👨\u200d👩\u200d👧 👍🏽", "👨\u200d👩\u200d👧 👍🏽", id="emoji"),
        pytest.param("e\u0301", "é", id="accent apart"),
        pytest.param("\u3164\u2800", None, id="letters that print nothing"),
    ],
)
def test_a_text_is_cleaned(raw: str, text: str | None) -> None:
    assert text_value.standardise(raw).value == text
