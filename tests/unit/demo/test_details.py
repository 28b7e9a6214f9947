"""How phones, addresses and names are drawn and written."""

from __future__ import annotations

import re
from random import Random

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_warehouse.demo.dirt import Dirt
from customer_warehouse.demo.keys import MOST, shuffled
from customer_warehouse.demo.names import draw_name, write_name
from customer_warehouse.demo.phones import TAIWAN_LANDLINES, draw_phone, formats
from customer_warehouse.demo.places import draw_address

NUMBERS = st.integers(0, 8_000_000)
SEEDS = st.integers(0, 2**32)


@pytest.mark.parametrize(
    ("country", "area_code"), [("TW", ""), ("CN", ""), ("HK", ""), ("GB", ""), ("AU", ""), ("US", "415"), ("CA", "604")]
)
@given(number=NUMBERS, seed=SEEDS)
def test_a_written_mobile_phone_keeps_its_number(country: str, area_code: str, number: int, seed: int) -> None:
    phone = draw_phone(country, area_code, False, number)
    text = formats(phone, Random(seed))

    assert re.sub(r"\D", "", text).endswith(phone.national)
    assert phone.e164.endswith(phone.national)
    assert phonenumbers.is_possible_number(phonenumbers.parse(phone.e164))


@pytest.mark.parametrize("area_code", TAIWAN_LANDLINES)
@given(number=NUMBERS, seed=SEEDS)
def test_a_written_landline_can_be_read(area_code: str, number: int, seed: int) -> None:
    phone = draw_phone("TW", area_code, True, number)
    read = phonenumbers.parse(formats(phone, Random(seed)), "TW")

    assert phonenumbers.is_valid_number(read)
    assert phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164) == phone.e164


@pytest.mark.parametrize(
    ("region", "form"),
    [
        ("TW", r"\w\w[市縣]\w+[區鎮市鄉]\w+[路街](.段)?(\d+巷)?(\d+弄)?\d+號(\d+樓(之\d)?)?"),
        ("CN", r"(\w+省)?\w+市\w+(区|街道)\w+(路|街|大道)\d+号(\d+栋\d+室)?"),
        ("HK", r"香港(香港島|九龍|新界)\w+座\d+樓[A-H]室|Flat [A-H], \d+/F, Tower \d+, .+, Hong Kong, .+"),
        ("EN", r"\d+ [\w ]+, ((Apt|Flat) \d+, )?[\w ]+, \w+ [\w ]+"),
    ],
)
@given(seed=SEEDS)
def test_addresses_look_like_those_of_their_country(region: str, form: str, seed: int) -> None:
    assert re.fullmatch(form, draw_address(region, Random(seed)).text)


@pytest.mark.parametrize("region", ["TW", "CN", "HK", "EN"])
@given(seed=SEEDS, system=st.sampled_from(["shop", "till", "desk", "guest"]))
def test_every_name_gets_written_somehow(region: str, seed: int, system: str) -> None:
    random = Random(seed)
    name = draw_name(region, "f", random)
    written = write_name(name, "f", system, Dirt(), random)

    assert written.full.strip()
    assert written.given.strip()
    assert name.chinese is (region != "EN")


@given(
    st.sets(st.integers(0, MOST - 1), min_size=2, max_size=50),
    st.sampled_from(["shop", "order", "ticket", "member", "desk", "email"]),
)
def test_shuffled_keys_never_meet(numbers: set[int], kind: str) -> None:
    assert len({shuffled(kind, number) for number in numbers}) == len(numbers)
