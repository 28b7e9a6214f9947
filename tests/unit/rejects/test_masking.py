"""Samples show what is wrong with a value, and never whose it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_warehouse.rejects.masking import LONGEST_SHAPE, SEVERAL, masked_key, shape, shown_code
from customer_warehouse.rejects.worklist import masked


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


@pytest.mark.parametrize(
    "code", ["paid", "IN_TRANSIT", "pos-2", "layaway", "partially_refunded", "F", "女", "X9", "mobile"]
)
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


@pytest.mark.parametrize(
    "value",
    [
        "0912345678",
        "mary",
        "a.lin@example.com",
        "Mary Lin",
        "meiling",
        "wangdaming",
        "mei-ling",
        "da ming",
        "MeiLing",
        "chan.taiman",
        "daming88",
        "王大明",
        "陳美玲 小姐",
        "陳小姐",
        "VIP王大明",
        "褚遂良",
        "欧阳娜娜",
        "王小明先生",
    ],
)
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
        ("1234567", "1234567"),
        ("5501234567890", "9999999997890"),
        ("guest-5501234567890", "guest-9999999997890"),
        ("line-1234567|2", "line-1234567|2"),
        ("adjustment-12", "adjustment-12"),
        ("TPE01-20261120-0007", "TPE01-99999999-0007"),
        ("2026-11-20/TPE01/members.csv|12", "2026-11-20/TPE01/members.csv|12"),
        ("13912345671", "99999999999"),
        ("886912345677", "999999999999"),
        ("912345677", "999999999"),
        ("0912-345-677", "9999-999-999"),
        ("guest|0912345677", "guest|9999999999"),
        ("x0912-345-677", "x9999-999-999"),
        ("guest|+886-912-345-677", "guest|+999-999-999-999"),
        ("A123456789", "A999999999"),
        ("till/a223456789", "till/a999999999"),
        ("11010119900505123X", "99999999999999999A"),
        ("1990-05-05", "9999-99-99"),
        ("guest|19900505", "guest|99999999"),
        ("WANG-DAMING", "AAAA-AAAAAA"),
        ("mei.ling", "aaa.aaaa"),
        ("guest|mary88", "aaaaa|aaaa99"),
        ("a@example.com", "a@aaaaaaa.aaa"),
        ("王大明", "字字字"),
        ("Ann Lee", "Aaa Aaa"),
        ("0912345678", "9999999999"),
        ("+886912345678", "+999999999999"),
    ],
)
def test_a_key_is_shown_unless_it_is_an_address_a_name_or_a_phone(key: str, shown: str) -> None:
    assert masked_key(key) == shown


@given(st.from_regex(r"[a-z]{0,3}[-|/:]?\d{8,20}[|-]?[a-z]{0,3}", fullmatch=True))
def test_of_a_long_number_in_a_key_at_most_the_last_four_digits_are_told(key: str) -> None:
    number = "".join(filter(str.isdigit, key))

    told = "".join(filter(str.isdigit, masked_key(key)))

    assert told == "9" * len(number) or told == "9" * (len(number) - 4) + number[-4:]
