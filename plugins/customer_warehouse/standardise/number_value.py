"""Numbers: plain decimal numbers such as a quantity or a rating, never floats."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from customer_warehouse.standardise.characters import DASHES, clean
from customer_warehouse.standardise.value import MISSING, Value, rejected

MAX_LENGTH = 100
LARGEST = Decimal(10) ** 15
"""Numbers of this size and above are refused whatever the range, so that every number fits numeric(24, 6)."""
MAX_DECIMALS = 6

_PLAIN = {
    ".": re.compile(r"([+-]?)(\d{1,3}(?:[,' ]\d{3})+|\d+)?(?:\.(\d*))?", re.ASCII),
    ",": re.compile(r"([+-]?)(\d{1,3}(?:[.' ]\d{3})+|\d+)?(?:,(\d*))?", re.ASCII),
}
"""By decimal mark: the numbers that have it, with the thousands marks that go with it."""
_THOUSANDS = re.compile(r"[.,' ]")
_MINUS = str.maketrans(dict.fromkeys(DASHES, "-"))


def standardise(
    raw: str | None,
    *,
    range: Sequence[Any] | None = None,
    integer: bool = False,
    decimal: str = ".",
    negate: bool = False,
) -> Value:
    """The number as Decimal. `range` is [smallest, largest], both included; null leaves a side open.

    Thousands marks may stand where they belong. `decimal` is the decimal mark: `.`, or `,` as in `1.280,50`. `negate`
    turns the sign before the range is looked at.
    Rejects: `not_a_number`, `too_many_decimals` (more than 6), `not_an_integer`, `number_out_of_range`.
    Raises ValueError for another decimal mark.
    """
    low, high = _bounds(tuple(range) if range is not None else (None, None))
    check_mark(decimal)
    text = clean(raw)
    if text is None:
        return MISSING
    number = parse(text, decimal)
    if number is None:
        return rejected("not_a_number")
    if abs(number) >= LARGEST:
        return rejected("number_out_of_range")
    number, decimals = trimmed(-number if negate else number)
    if decimals > MAX_DECIMALS:
        return rejected("too_many_decimals")
    if integer and decimals:
        return rejected("not_an_integer")
    if (low is not None and number < low) or (high is not None and number > high):
        return rejected("number_out_of_range")
    return Value(number)


def check_mark(decimal: str) -> None:
    """Raise ValueError unless `decimal` is a decimal mark."""
    if decimal not in _PLAIN:
        raise ValueError("the decimal mark is `.` or `,`")


def parse(text: str, decimal: str = ".") -> Decimal | None:
    """A plain decimal number, thousands marks allowed where they belong; None for anything else.

    Exponents, NaN and infinity are not plain: they come from a float on the way, which has already lost digits.
    """
    if len(text) > MAX_LENGTH:
        return None
    match = _PLAIN[decimal].fullmatch(text.translate(_MINUS))
    if match is None:
        return None
    sign, whole, decimals = match.groups()
    if not whole and not decimals:
        return None
    digits = _THOUSANDS.sub("", whole or "0")
    return Decimal(f"{sign}{digits}.{decimals or '0'}")


def trimmed(number: Decimal) -> tuple[Decimal, int]:
    """The same number without zeros at the end of its decimals and without a minus before zero, and its decimals."""
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    kept = list(digits)
    while exponent < 0 and kept[-1] == 0 and len(kept) > 1:
        kept.pop()
        exponent += 1
    if kept == [0]:
        return Decimal(0), 0
    return Decimal((sign, tuple(kept), exponent)), -exponent


@lru_cache
def _bounds(given: tuple[Any, ...]) -> tuple[Decimal | None, Decimal | None]:
    low, high = given
    return bound(low), bound(high)


def bound(given: Any) -> Decimal | None:
    """A limit from a declaration, where a float means the digits that were written. Raises ValueError for no number."""
    try:
        return None if given is None else Decimal(str(given))
    except ArithmeticError:
        raise ValueError(f"{given!r} is no number") from None
