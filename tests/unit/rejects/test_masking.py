"""Samples show what is wrong with a value, and never whose it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_warehouse.rejects.masking import LONGEST_SHAPE, SEVERAL, shape, shown_code
from customer_warehouse.rejects.worklist import masked, masked_key


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0912-345-678", "9999-999-999"),
        ("mei ling@gmail,com", "aaa aaaa@aaaaa,aaa"),
        ("王大明 A1", "字字字 A9"),
        ("NT$ 1,280", "AA$ 9,999"),
        ("\uff10\uff19\uff11\uff12", "9999"),
        ("Ærø ñ", "xax x"),
        ("a\u200bb\tc", "a\\u200ba\\u0009a"),
        ("", "(nothing)"),
        (None, "(nothing)"),
        ("x" * 200, "a" * LONGEST_SHAPE + "…"),
    ],
)
def test_a_value_is_shown_by_its_shape(value: str | None, shown: str) -> None:
    assert shape(value) == shown


@given(st.text())
def test_a_shape_holds_no_letter_and_no_digit_of_the_value(value: str) -> None:
    shown = shape(value)

    allowed = set("Aaxu9字…0123456789abcdef()nothig\\") if value else set(shown)
    told = {c for c in shown if unicodedata.category(c)[0] in "LN"}
    assert told <= allowed
    # Escapes of invisible characters apart, every letter is one of the four that stand for all others.
    if all(unicodedata.category(c)[0] not in "CZ" or c == " " for c in value) and value:
        assert told <= set("Aax9字")


@pytest.mark.parametrize("code", ["paid", "IN_TRANSIT", "pos-2", "layaway", "partially_refunded", "F", "女", "X9"])
def test_a_code_is_shown_even_of_a_single_row(code: str) -> None:
    assert shown_code(code, 1) == code


@pytest.mark.parametrize(
    "value",
    [
        "王大明",
        "褚遂良",
        "Verma",
        "Rahul Verma",
        "rahul verma",
        "mary",
        "MARY",
        "0912345678",
        "A123456789",
        "a.lin@example.com",
        "1990-05-06",
        "please call after six",
        "台北市中山路1號",
        "paid\u200b",
    ],
)
def test_what_may_be_a_persons_is_not(value: str) -> None:
    assert shown_code(value, 1) == shape(value)
    assert value not in shown_code(value, 1)


@pytest.mark.parametrize("value", ["Shipped", "已付款", "in transit"])
def test_words_are_shown_when_several_rows_have_them(value: str) -> None:
    assert shown_code(value, SEVERAL) == value
    assert shown_code(value, SEVERAL - 1) == shape(value)


@pytest.mark.parametrize("value", ["0912345678", "mary", "a.lin@example.com", "Mary Lin"])
def test_a_phone_a_name_and_an_address_are_never_shown_however_many_rows_have_them(value: str) -> None:
    assert shown_code(value, 1_000) == shape(value)


def test_only_columns_of_codes_are_shown_as_codes() -> None:
    assert masked("orders", "status", "layaway") == "layaway"
    assert masked("customers", "full_name", "layaway") == "aaaaaaa"
    assert masked("orders", "nonsense", "layaway") == "aaaaaaa"


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("T-1|2", "T-1|2"),
        ("5501234567890", "5501234567890"),
        ("a@example.com", "a@aaaaaaa.aaa"),
        ("王大明", "字字字"),
        ("Ann Lee", "Aaa Aaa"),
        ("0912345678", "9999999999"),
        ("+886912345678", "+999999999999"),
    ],
)
def test_a_key_is_shown_unless_it_is_an_address_a_name_or_a_phone(key: str, shown: str) -> None:
    assert masked_key(key) == shown
