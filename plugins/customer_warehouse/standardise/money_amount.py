"""Money: amounts as Decimal, in the currency that they are declared in."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from customer_warehouse.standardise import currencies
from customer_warehouse.standardise.characters import DASHES, clean
from customer_warehouse.standardise.number_value import LARGEST, MAX_LENGTH, bound, check_mark, parse, trimmed
from customer_warehouse.standardise.value import MISSING, Value, rejected

MAX_DECIMALS = 4

_SMALL_CHANGE = re.compile(r"(?P<whole>.*?)(?P<unit>[元圓圆塊块])?(?P<tenth>\d)角(?:(?P<hundredth>\d)分)?", re.ASCII)
_MARK = r"[^\d\s.,:'()+/-]"
"""A character of what may be the mark of a currency; the word list says what is one."""
_BEFORE = re.compile(rf"([+-]?)\s*({_MARK}{{1,6}})\s*:?\s*([+-]?)(?=[\d.,])")
_AFTER = re.compile(rf"\s*({_MARK}{{1,6}}?)[整正]?$")
_BRACKETED = re.compile(rf"({_MARK}{{1,6}})\s*\(([^()]*)\)")
_NO_CENTS = re.compile(r"(?<=\d)[.,]-+(?=\s|$|[^\d\s])")
"""`1,280.-`: a dash where the cents would be is no minus."""
_MINUS = str.maketrans(dict.fromkeys(DASHES, "-"))


def standardise(
    raw: str | None,
    *,
    currency: str | None = None,
    minimum: Any = 0,
    maximum: Any = 10_000_000,
    decimal: str = ".",
    negate: bool = False,
) -> Value:
    """The amount as Decimal. `minimum` and `maximum` are included; null leaves a side open.

    Reads thousands marks, a currency before or after (`NT$1,280`, `1280元`, `12元5角`), a minus before or after, and
    brackets for a negative amount. `decimal` is the decimal mark: `.`, or `,` as in `1.280,50`. `negate` turns the sign
    before the limits are looked at. `currency` (ISO 4217) is what the amounts are in: one that is marked as another is
    rejected, never converted; without it every mark is taken.
    Rejects: `not_an_amount`, `other_currency`, `too_many_decimals` (more than 4), `negative_amount` (below a minimum of
    0 or more), `amount_out_of_range`.
    Raises ValueError for options that cannot be.
    """
    low, high = _bounds(minimum, maximum)
    check_mark(decimal)
    if currency is not None and currency not in currencies.codes():
        raise ValueError(f"{currency!r} is no currency of ISO 4217")
    text = clean(raw)
    if text is None:
        return MISSING
    amount, marked = _amount(text, decimal)
    if amount is None:
        return rejected("not_an_amount")
    if currency is not None and marked is not None and currency not in marked:
        return rejected("other_currency")
    if negate:
        amount = -amount
    if low is not None and amount < low:
        return rejected("negative_amount" if amount < 0 <= low else "amount_out_of_range")
    if (high is not None and amount > high) or abs(amount) >= LARGEST:
        return rejected("amount_out_of_range")
    amount, decimals = trimmed(amount)
    return rejected("too_many_decimals") if decimals > MAX_DECIMALS else Value(amount)


def _amount(text: str, decimal: str) -> tuple[Decimal | None, frozenset[str] | None]:
    """The amount of a cleaned text, and the currencies that its marks allow: None for a text without any."""
    if len(text) > MAX_LENGTH:
        return None, None
    text = _NO_CENTS.sub("", text.translate(_MINUS))
    if bracketed := _BRACKETED.fullmatch(text):
        text = f"({bracketed[1]}{bracketed[2]})"
    negative = text.startswith("(") and text.endswith(")")
    if negative:
        text = text[1:-1].strip()
    known, marked = currencies.marks(), None
    if change := _SMALL_CHANGE.fullmatch(text):
        if change["whole"] and not change["unit"]:
            return None, None
        marked = known.get(change["unit"] or "")
        text = f"{change['whole'] or '0'}{decimal}{change['tenth']}{change['hundredth'] or ''}"
    elif last := _AFTER.search(text):
        if (marked := known.get(last[1].upper())) is None:
            return None, None
        text = text[: last.start()]
    if first := _BEFORE.match(text):
        meant = known.get(first[2].upper(), frozenset())
        marked = meant if marked is None else marked & meant
        if not marked or (first[1] and first[3]):
            return None, None
        text = first[1] + first[3] + text[first.end() :]
    if text.endswith("-") and not text.startswith(("-", "+")):
        text = f"-{text[:-1].rstrip()}"
    if negative and text.startswith(("-", "+")):
        return None, None
    number = parse(text, decimal)
    return (-number if number is not None and negative else number), marked


@lru_cache
def _bounds(minimum: Any, maximum: Any) -> tuple[Decimal | None, Decimal | None]:
    return bound(minimum), bound(maximum)
