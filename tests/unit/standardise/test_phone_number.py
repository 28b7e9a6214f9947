"""Phone numbers: the ways people write them, and the numbers nobody has."""

from __future__ import annotations

import pytest

from customer_warehouse.standardise.phone_number import standardise
from unit.standardise.realistic import full_width


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        pytest.param("0912-345-679", "+886912345679", id="mobile"),
        pytest.param(full_width("0912 345 679"), "+886912345679", id="full width"),
        pytest.param("+886 912 345 679", "+886912345679", id="international"),
        pytest.param("+886 0912 345 679", "+886912345679", id="international with the 0 of home"),
        pytest.param("886912345679", "+886912345679", id="country code without its plus"),
        pytest.param("912345679", "+886912345679", id="a spreadsheet ate the 0"),
        pytest.param("00886912345679", "+886912345679", id="dialled from abroad"),
        pytest.param("0086 139 1234 5679", "+8613912345679", id="dialled to the mainland"),
        pytest.param("86-13912345679", "+8613912345679", id="mainland without the plus"),
        pytest.param("886-2-2345-6789", "+886223456789", id="landline with country code"),
        pytest.param("(02)2345-6789#123", "+886223456789", id="landline with extension"),
        pytest.param("(02) 2345-6789 分機 123", "+886223456789", id="landline with extension in Chinese"),
        pytest.param("02-2345-6789 ext. 12", "+886223456789", id="landline with extension in English"),
        pytest.param("(037)321-234", "+88637321234", id="short landline"),
        pytest.param("手機：0912345679", "+886912345679", id="label"),
        pytest.param("Tel: 02 2345 6789", "+886223456789", id="English label"),
        pytest.param("(852) 6123 4567", "+85261234567", id="Hong Kong without the plus"),
        pytest.param("+44 (0)7400 123456", "+447400123456", id="British with the 0 in brackets"),
        pytest.param("0912\u2013345\u2013679", "+886912345679", id="dashes of a word processor"),
        pytest.param("0912.345.679", "+886912345679", id="dots"),
    ],
)
def test_a_number_is_read_in_taiwan(raw: str, number: str) -> None:
    answer = standardise(raw)
    assert (answer.value, answer.reason) == (number, None)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("091234567", id="a digit too few"),
        pytest.param("09123456785", id="a digit too many"),
        pytest.param("13912345679", id="mainland mobile when only Taiwan is declared"),
        pytest.param("52345679", id="Hong Kong mobile that is a landline of Chiayi without its 0"),
        pytest.param("1-800-FLOWERS", id="letters"),
        pytest.param("call me 0912345679", id="a sentence"),
        pytest.param("王小姐0912345679", id="a name"),
        pytest.param("5" * 1000, id="far too long"),
        pytest.param("+999 123 456 789", id="no such country"),
        pytest.param("0086 133 1993 591", id="mainland number a digit short"),
        pytest.param("mei@pm.me", id="an e-mail address"),
    ],
)
def test_what_is_no_number_is_refused(raw: str) -> None:
    assert standardise(raw).reason == "not_a_phone_number"


@pytest.mark.parametrize(
    "raw",
    [
        "0900000000",
        "0911111111",
        "0912345678",
        "+886912345678",
        "0987654321",
        "11111111",
        "0000000000",
        "02-2222-2222",
        "0",
        "123",
        "無",
        "N/A",
        "-",
    ],
)
def test_a_number_that_nobody_has_is_a_placeholder(raw: str) -> None:
    assert standardise(raw).reason == "placeholder"


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("0912345679/0223456780", "+886912345679"),
        ("02-23456780、0912345679", "+886223456780"),
        ("0912345679 0223456780", "+886912345679"),
        ("0900000000 或 0912345679", "+886912345679"),
        ("12345 / 0912345679", "+886912345679"),
    ],
)
def test_of_two_numbers_the_first_usable_one_counts(raw: str, number: str) -> None:
    answer = standardise(raw)
    assert (answer.value, "more_than_one" in answer.flags) == (number, True)


def test_flags_tell_mobiles_from_landlines_and_keep_the_extension() -> None:
    assert standardise("0912345679").flags == ("mobile",)
    landline = standardise("(02)2345-6789#123")
    assert landline.flags == ("landline", "extension")
    assert landline.parts == {"extension": "123"}


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        pytest.param("0912345679", "+886912345679", id="Taiwan first"),
        pytest.param("13912345679", "+8613912345679", id="mainland"),
        pytest.param("61234567", "+85261234567", id="Hong Kong"),
        pytest.param("52345679", "+85252345679", id="not a landline of Chiayi without its 0"),
    ],
)
def test_regions_are_tried_in_their_order(raw: str, number: str) -> None:
    assert standardise(raw, regions=["TW", "CN", "HK"]).value == number


def test_the_region_says_what_a_number_without_country_code_is() -> None:
    assert standardise("(415) 555-2671", region="US").value == "+14155552671"
    assert standardise("020 7946 0018", region="GB").value == "+442079460018"


def test_an_unknown_region_is_an_error_of_the_declaration() -> None:
    with pytest.raises(ValueError, match="no region 'TWN'"):
        standardise("0912345679", region="TWN")
