"""Money, numbers, codes and plain text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from customer_warehouse.standardise import code_value, money_amount, number_value, text_value
from unit.standardise.realistic import full_width


@pytest.mark.parametrize(
    "raw",
    [
        "1280",
        "1280.00",
        "1,280.00",
        "NT$1,280",
        "NT$ 1280",
        "TWD 1280",
        "HK$1,280.0",
        "$1280",
        "1280元",
        "1,280 元整",
        full_width("1280"),
        full_width("$1,280"),
        " 1280 ",
        "+1280",
        "001280",
    ],
)
def test_one_amount_written_in_many_ways(raw: str) -> None:
    assert money_amount.standardise(raw).value == Decimal(1280)


@pytest.mark.parametrize("raw", ["-60", "-60.00", "(60.00)", "NT$-60", "-NT$60", "60-", "\u221260", full_width("-60")])
def test_a_negative_amount_is_read_where_it_is_allowed(raw: str) -> None:
    assert money_amount.standardise(raw, minimum=None).value == Decimal(-60)
    assert money_amount.standardise(raw).reason == "negative_amount"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("NaN", "not_an_amount"),
        ("inf", "not_an_amount"),
        ("1e12", "not_an_amount"),
        ("1E+3", "not_an_amount"),
        ("free", "not_an_amount"),
        ("$", "not_an_amount"),
        ("12,80", "not_an_amount"),
        ("1.280,00", "not_an_amount"),
        ("1,28", "not_an_amount"),
        ("--5", "not_an_amount"),
        ("(-5)", "not_an_amount"),
        ("9" * 200, "not_an_amount"),
        ("1.23456", "too_many_decimals"),
        ("10000000.01", "amount_out_of_range"),
        ("1000000000000", "amount_out_of_range"),
        ("9" * 30, "amount_out_of_range"),
    ],
)
def test_what_is_no_possible_amount_is_refused(raw: str, reason: str) -> None:
    assert money_amount.standardise(raw).reason == reason


def test_limits_are_included_and_can_be_open() -> None:
    limits: dict[str, Any] = {"minimum": "-11062.06", "maximum": 0.5}
    assert money_amount.standardise("-11062.06", **limits).value == Decimal("-11062.06")
    assert money_amount.standardise("0.5", **limits).value == Decimal("0.5")
    assert money_amount.standardise("-11062.07", **limits).reason == "amount_out_of_range"
    assert money_amount.standardise("999999999", maximum=None).value == Decimal(999999999)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("5", "5"),
        ("-3", "-3"),
        ("5.0", "5"),
        ("1,000", "1000"),
        (".5", "0.5"),
        ("-0", "0"),
        (full_width("0"), "0"),
        ("1.50", "1.5"),
    ],
)
def test_a_number_is_read(raw: str, value: str) -> None:
    assert str(number_value.standardise(raw).value) == str(Decimal(value))


@pytest.mark.parametrize(
    ("raw", "options", "reason"),
    [
        ("five", {}, "not_a_number"),
        ("1e3", {}, "not_a_number"),
        ("1.1234567", {}, "too_many_decimals"),
        ("9" * 16, {}, "number_out_of_range"),
        ("6", {"range": [1, 5]}, "number_out_of_range"),
        ("0.9", {"range": [1, None]}, "number_out_of_range"),
        ("1.5", {"integer": True}, "not_an_integer"),
    ],
)
def test_what_is_no_possible_number_is_refused(raw: str, options: dict[str, Any], reason: str) -> None:
    assert number_value.standardise(raw, **options).reason == reason


GENDERS: dict[str, Any] = {"map": {"M": "male", "F": "female", "U": None}, "values": ["female", "male", "other"]}


@pytest.mark.parametrize(
    ("raw", "value", "reason"),
    [
        pytest.param("M", "male", None, id="mapped"),
        pytest.param(" m ", "male", None, id="case and spaces do not count"),
        pytest.param(full_width("F"), "female", None, id="full width"),
        pytest.param("Other", "other", None, id="a standard value already"),
        pytest.param("U", None, None, id="mapped to nothing"),
        pytest.param("X", None, "unmapped_code", id="nobody declared it"),
        pytest.param("", None, None, id="missing"),
    ],
)
def test_a_code_is_translated(raw: str, value: str | None, reason: str | None) -> None:
    answer = code_value.standardise(raw, **GENDERS)
    assert (answer.value, answer.reason) == (value, reason)


def test_booleans_of_a_declaration_are_their_names() -> None:
    assert code_value.standardise("True", map={True: "granted", False: "denied"}).value == "granted"


@pytest.mark.parametrize("options", [{}, {"map": {"M": "man"}, "values": ["male"]}])
def test_a_code_map_that_leads_nowhere_is_an_error_of_the_declaration(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="code"):
        code_value.standardise("M", **options)


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
