"""Plain numbers: what SQL adds up is what the types read."""

from __future__ import annotations

import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from customer_warehouse.standardise import money_amount, number_value
from customer_warehouse.standardise.raw_values import NUMBER

PLAIN = st.from_regex(re.compile(NUMBER, re.ASCII), fullmatch=True).map(str.strip)


@given(PLAIN)
def test_a_plain_amount_of_money_is_read_as_the_number_it_is(text: str) -> None:
    read = money_amount.standardise(text, minimum=None, maximum=None)

    assert read.reason is not None or read.value is None or read.value == Decimal(text)


@given(PLAIN)
def test_a_plain_number_is_read_as_the_number_it_is(text: str) -> None:
    read = number_value.standardise(text)

    assert read.reason is not None or read.value is None or read.value == Decimal(text)
